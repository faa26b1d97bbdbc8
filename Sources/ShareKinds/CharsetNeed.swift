public import ShareModel

extension MountPlan {
    /// The charset that the kernel needs a module for so that this plan can be mounted; nil: none. exFAT knows UTF-8 by itself.
    public var charset: String? {
        guard fstype == "cifs" || fstype == "vfat" else { return nil }
        return attempts.first?.options.first { $0.name == "iocharset" }?.value
    }

    /// What is to be told where the running kernel has no such module, before anything is asked of a server.
    /// - Parameters:
    ///   - kernel: its release, as `uname -r` prints it.
    ///   - system: the name of this guest's system, as os-release has it: it decides which package holds the module.
    public func charsetMissing(_ charset: String, kernel: String, system: String) -> Cause {
        let package =
            switch true {
            case system.mentions("Ubuntu"): "apt install linux-modules-extra-\(kernel)"
            case system.mentions("Debian"): "apt install linux-image-amd64   # the kernel for all machines has all charsets; then restart"
            case system.mentions("Fedora"), system.mentions("Red Hat"), system.mentions("CentOS"), system.mentions("Rocky"):
                "dnf install kernel-modules-\(kernel)"
            case system.mentions("SUSE"): "zypper install kernel-default   # in place of kernel-default-base; then restart"
            default: "install the package with all modules of this kernel"
            }
        let isStandard = attempts.first?.options.first { $0.name == "iocharset" }?.origin == .standard
        return Cause(
            .charsetUnavailable,
            "share '\(share)': this guest's kernel has no charset module nls_\(charset), which iocharset=\(charset) needs",
            evidence: ["it is neither in /sys/module nor in modules.builtin or modules.dep of /lib/modules/\(kernel)"],
            remedy: [package, "modprobe nls_\(charset)   # says more where the module is there after all"]
                + (isStandard ? [] : ["leave iocharset out: names are then shown in UTF-8"]))
    }
}
