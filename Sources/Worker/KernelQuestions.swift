import Glibc
import LinuxSystem
import ShareKinds
import ShareModel

extension MountPlan {
    /// What the running kernel has against the plan's options, by their spelling. No server is asked and nothing is mounted.
    ///
    /// Where nobody can tell (no right to ask, a type of the old kind, a helper's words) there are no objections, and mounting tells.
    /// - Throws: `filesystem-unsupported`: the kernel has no such file system.
    func objections() throws(Cause) -> [String: KernelObjection] {
        guard isOfKernel, fstype != "auto" else { return [:] }
        var objections: [String: KernelObjection] = [:]
        do throws(SystemCallError) {
            let kernel = try OptionQuestions(fstype: Array(fstype.utf8))
            guard kernel.canTell else { return [:] }
            for option in questions {
                switch try kernel.answer(name: Array(option.name.utf8), value: option.value.map { Array($0.utf8) }) {
                case .unknown?: objections[option.spelling] = .unknown
                case .refused(let words)?: objections[option.spelling] = .refused(words.printable)
                case .taken?, nil: break
                }
            }
        } catch {
            guard error.errno == ENODEV else { return objections }
            throw Cause(
                .filesystemUnsupported,
                "share '\(share)': cannot mount \(type.rawValue) \(sourceSpelling) on \(target): this kernel has no file system '\(fstype)'",
                evidence: ["\(error)"],
                remedy: ["modprobe \(fstype)", "install the kernel's full modules: apt install linux-image-amd64"], errno: error.name)
        }
        return objections
    }

    /// A charset that the kernel has no module for fails the mount with an errno that says little, and only once the server was asked.
    func requireCharset() throws(Cause) {
        guard let charset, CharsetModule.isThere(charset) == false else { return }
        throw charsetMissing(charset, kernel: Machine.kernelRelease, system: Machine.operatingSystem())
    }
}
