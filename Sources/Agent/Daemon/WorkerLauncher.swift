internal import LinuxSystem

/// How a worker comes to be: the one seam between the daemon and whatever has the privilege to mount.
protocol WorkerLauncher: CustomStringConvertible {
    /// Starts a worker that reads its request from one descriptor and writes its outcome to the other.
    /// - Throws: `SystemCallError` where the program cannot be executed.
    func launch(question: CInt, answer: CInt) throws(SystemCallError) -> ChildProcess
}

/// Starts `share-worker` as a child of the daemon, with the daemon's own rights.
struct SpawningLauncher: WorkerLauncher {
    let program: String
    let configurationDirectory: String

    var description: String { program }

    func launch(question: CInt, answer: CInt) throws(SystemCallError) -> ChildProcess {
        try ChildProcess.spawn(
            Array(program.utf8),
            arguments: [Array("share-worker".utf8), Array("--configuration".utf8), Array(configurationDirectory.utf8)],
            descriptors: [question, answer])
    }
}
