import ShareModel

// Credentials that are given another secret: the guests that use them are told, and ask again.
extension HostServer {
    /// Looks at the files of the configuration in force from now on, and at no others. What is in them is not read.
    func watchCredentials() {
        let files = Set(configuration.credentials.map(\.file))
        for (path, watch) in credentialWatches where !files.contains(path) {
            watch.stop()
            credentialWatches[path] = nil
        }
        for path in files where credentialWatches[path] == nil {
            credentialWatches[path] = ConfigurationWatch(path, in: surroundings) { [weak self] in self?.secretChanged(in: path) }
        }
    }

    private func secretChanged(in path: String) {
        let names = configuration.credentials.filter { $0.file.hasSameBytes(as: path) }.map(\.name)
        for name in names { surroundings.log.info("credential '\(name)': its file has changed; the VMs that use it are told") }
        tellCredentials(names)
    }

    /// Tells each VM whose shares use one of these credentials.
    func tellCredentials(_ names: [String]) {
        guard !names.isEmpty else { return }
        for machine in sortedMachines {
            let used = names.filter { name in machine.offer.shares.contains { $0.credential?.hasSameBytes(as: name) ?? false } }
            guard !used.isEmpty else { continue }
            machine.offer.revision = nextRevision(for: machine)
            machine.tellChange(credentials: used)
        }
    }
}
