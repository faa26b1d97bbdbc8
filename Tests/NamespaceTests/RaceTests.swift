import Foundation
import Glibc
import LinuxSystem
import ShareModel
import Testing

@Suite("Whoever swaps directories while a share is attached gains nothing")
struct RaceTests {
    /// Swaps a directory and a symbolic link for each other as fast as it can (renameat2 with RENAME_EXCHANGE).
    static let swapper = """
        import ctypes, os, sys
        libc = ctypes.CDLL(None, use_errno=True)
        os.write(3, b"ready\\n")
        while True:
            if libc.renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), 2) != 0:
                raise OSError(ctypes.get_errno(), "renameat2")
        """

    /// Enough to meet each outcome; SHAREAGENT_RACE_TRIES asks for more.
    static let tries = ProcessInfo.processInfo.environment["SHAREAGENT_RACE_TRIES"].flatMap { Int($0) } ?? 200

    @Test("a mount stands below the policy's root or nowhere", arguments: ["/mnt/a/place", "/mnt/a"])
    func swapped(_ path: String) throws {
        let stage = try Stage()
        try stage.run("mkdir -p /run/victim/place /mnt/a/place; ln -s /run/victim /mnt/b")
        try Self.swapper.write(toFile: "\(stage.folder)/swap.py", atomically: true, encoding: .utf8)
        let attacker = try stage.start(ready: "exec python3 \(stage.folder)/swap.py /mnt/a /mnt/b")
        defer { try? attacker.killGroup() }
        let wish = try share(#"{"name":"x","target":"\#(path)","source":{"type":"tmpfs","sizeBytes":65536}}"#)
        let outcomes = try stage.race(.attach(wish, nil, attachedTargets: [:]), tries: Self.tries)
        print("race for \(path): \(outcomes)")
        #expect(outcomes.values.reduce(0, +) == Self.tries)
        #expect(
            Set(outcomes.keys).isSubset(of: [
                "attached", "target-symlink", "target-not-empty", "foreign-mount", "target-not-directory", "target-missing",
            ]), "\(outcomes)")
    }
}
