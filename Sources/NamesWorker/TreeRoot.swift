import FileNames
import Glibc
import LinuxSystem
import ShareModel

/// The directory that a task is about.
struct TreeRoot {
    let directory: OpenDirectory
    /// As in the mount table; nil where that does not tell.
    let filesystem: String?

    /// - Parameters:
    ///   - path: as typed.
    ///   - verb: what is to be done, after "cannot … the names of": `scan`.
    init(_ path: String, to verb: String) throws(Cause) {
        do throws(SystemCallError) {
            directory = OpenDirectory(try openDirectory(Array(path.utf8)))
            let id = try? mountID(of: directory.number)
            let entry = id.flatMap { id in (try? MountTable.read())?.entry(id: id) }
            filesystem = entry.map { String(printing: $0.fstype) }
        } catch {
            throw Self.cause(error, path, verb)
        }
    }

    /// What names that are not UTF-8 are taken for.
    static func charset(named name: String) throws(Cause) -> Charset {
        guard let charset = Charset(named: name) else {
            throw Cause(
                .charsetUnavailable, "cannot read names as '\(name)'", evidence: ["no charset of that name is known"],
                remedy: ["name one of: \(Charset.allCases.map(\.rawValue).joined(separator: " "))"])
        }
        return charset
    }

    /// Why a task ended early.
    static func cause(_ error: SystemCallError, _ path: String, _ verb: String) -> Cause {
        let again = verb == "scan" ? "go on with --resume if you gave a file" : "go on with the same command and its journal"
        let (code, remedy): (CauseCode, String) =
            switch error.errno {
            case ENOENT: (.targetMissing, "name a directory that is there")
            case ENOTDIR: (.targetNotDirectory, "name the directory, not a file in it")
            case EACCES, EPERM: (.permissionDenied, "\(verb) as a user who may do it, such as with sudo")
            case EROFS: (.readOnlySource, "mount it for writing; names view shows its names converted meanwhile")
            case ENOTCONN: (.hostServiceDead, "attach the share anew, then \(again)")
            case ESTALE: (.staleHandle, "attach the share anew, then \(again)")
            case ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH, ECONNABORTED, ENOLINK, ESHUTDOWN:
                (.serverStoppedAnswering, "see shareagent status; \(again) once the share answers")
            case ENOMEM, EMFILE, ENFILE: (.memoryExhausted, "free memory or descriptors, then \(again)")
            case ENOSPC: (.outOfSpace, "free space, then \(again)")
            case EDQUOT: (.quotaExceeded, "free space, then \(again)")
            default: (.ioError, "see the kernel's log; \(again) once the file system answers")
            }
        return Cause(
            code, "cannot \(verb) the names of '\(path)'", evidence: ["\(error.call): \(error.text)"], remedy: [remedy], errno: error.name)
    }
}
