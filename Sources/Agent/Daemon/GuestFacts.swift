internal import LinuxSystem
internal import ShareModel
internal import ShareWire

/// What the host is told of this guest when a session begins.
enum GuestFacts {
    static func greeting() -> GuestGreeting {
        GuestGreeting(
            hostname: Machine.hostname.printable, machineID: Machine.machineID() ?? "", bootID: Machine.bootID() ?? "",
            kernel: Machine.kernelRelease, os: Machine.operatingSystem().printable, architecture: Machine.architecture,
            filesystems: Machine.fileSystems())
    }
}
