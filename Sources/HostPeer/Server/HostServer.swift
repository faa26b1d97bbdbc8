import LinuxSystem
import ShareModel
import ShareWire

/// The host peer: the configuration in force, the VMs' channels, and who may look at them.
final class HostServer {
    let surroundings: Surroundings
    let configurationPath: String
    /// The configuration in force.
    var configuration: HostConfiguration
    /// Grows with each configuration taken over.
    var configurationRevision: Int64 = 0
    /// Why the file as it is now is not in force; nil when it is.
    var configurationError: String?
    /// By name, each VM that has a channel now.
    var machines: [String: VirtualMachine] = [:]
    var revisions = Revisions()
    var watch: ConfigurationWatch?
    /// By path, the files that hold the secrets.
    var credentialWatches: [String: ConfigurationWatch] = [:]
    var metrics: MetricsServer?
    var control: ControlServer?
    private var scan: TimerToken?
    private var pulse: TimerToken?

    /// - Parameter configuration: what was read from `configurationPath`.
    init(_ configuration: HostConfiguration, from configurationPath: String, in surroundings: Surroundings) {
        self.configuration = configuration
        self.configurationPath = configurationPath
        self.surroundings = surroundings
    }

    /// Opens the control socket, the metrics' port and every channel.
    /// - Throws: what cannot be opened and why; then nothing is open.
    func start(controlSocket: String) throws(StartProblem) {
        do throws(SystemCallError) {
            control = try ControlServer(at: controlSocket, for: self)
        } catch {
            throw StartProblem(
                sentence: "cannot listen at \(controlSocket): \(error.text) (\(error.name))", remedy: Self.remedy(for: error))
        }
        if let address = configuration.metrics {
            do throws(SystemCallError) {
                metrics = try MetricsServer(at: address, for: self)
            } catch {
                stop()
                throw StartProblem(
                    sentence: "cannot listen on \(address) for metrics: \(error.text) (\(error.name))",
                    remedy: "choose another metrics.listen")
            }
        }
        configurationRevision = revisions.next(now: surroundings.wallTime)
        arrangeMachines()
        watch = ConfigurationWatch(configurationPath, in: surroundings) { [weak self] in self?.reload("the file has changed") }
        watchCredentials()
        scanAgain()
        pulseAgain()
    }

    /// Closes everything and takes our sockets out of their directories.
    func stop() {
        for machine in machines.values { machine.stop() }
        machines = [:]
        for token in [scan, pulse] { if let token { surroundings.loop.cancel(token) } }
        (scan, pulse) = (nil, nil)
        watch?.stop()
        watch = nil
        for watch in credentialWatches.values { watch.stop() }
        credentialWatches = [:]
        metrics?.stop()
        metrics = nil
        control?.stop()
        control = nil
    }

    /// One sentence for `systemctl status`.
    var summary: String {
        let connected = machines.values.count { $0.isConnected }
        return "\(machines.count) VMs, \(connected) connected" + (configurationError.map { "; configuration not in force: \($0)" } ?? "")
    }

    /// The VMs in the order of their names.
    var sortedMachines: [VirtualMachine] { machines.values.sorted { $0.name < $1.name } }

    private static func remedy(for error: SystemCallError) -> String {
        error.name == "EADDRINUSE"
            ? "another sharehost serves it: stop that one, or give this one another --control-socket"
            : "see that the directory exists and belongs to root"
    }

    private func scanAgain() {
        scan = surroundings.loop.after(surroundings.tuning.patternScan) { [weak self] in
            guard let self else { return }
            let hasPatterns = configuration.machines.contains { if case .pattern = $0.place { true } else { false } }
            if hasPatterns { arrangeMachines() }
            scanAgain()
        }
    }

    private func pulseAgain() {
        pulse = surroundings.loop.after(.milliseconds(max(1000, surroundings.tuning.silenceMs / 10))) { [weak self] in
            guard let self else { return }
            for machine in machines.values { machine.checkSilence(reportIntervalMs: configuration.reportIntervalMs) }
            pulseAgain()
        }
    }
}

/// Why `serve` cannot begin.
struct StartProblem: Error, Equatable {
    let sentence: String
    let remedy: String
}
