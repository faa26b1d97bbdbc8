import Foundation
import Glibc
import LinuxSystem
import ShareModel
import Testing

/// Fixtures/view.py says in what a mounted view must be like a plain directory; here is under which policies.
@Suite("a live view of names, mounted")
struct ViewTests {
    let stage: Stage

    init() throws {
        stage = try Stage()
        try stage.run("mkdir /mnt/source /mnt/view")
    }

    private static func script() -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/view.py").path
    }

    /// A view that stands. The shell in front of it reports that, and is what is signalled; the view is its child's successor.
    private func mount(_ policy: String, _ more: String = "", from source: String = "/mnt/source", to target: String = "/mnt/view") throws
        -> ChildProcess
    {
        let program = try Stage.program("share-names-view")
        return try stage.start(
            ready: "exec \(program) \(source) \(target) --policy '\(policy)' \(more) >&3")
    }

    private func check(_ check: String, _ environment: String = "") throws {
        // What it says is the reason where it fails, with its seed in it.
        let out = try stage.run(
            "\(environment) python3 \(Self.script()) \(check) /mnt/source /mnt/view 2>&1 && echo passed || true", within: 240)
        #expect(out.hasSuffix("passed\n"), "\(check): \(out)")
    }

    private func end(_ view: ChildProcess) throws {
        try view.signal(SIGTERM)
        #expect(Stage.wait(view, within: 15) == .exited(0))
        #expect(!(try stage.run("cat /proc/self/mountinfo")).contains(" /mnt/view "))
    }

    static let policies = [
        #"{"form":"nfc"}"#, #"{"encoding":"gb18030","form":"nfc-hfs","invalid":"percent"}"#,
        #"{"form":"nfc","newNames":"nfd","reserved":"sfm"}"#, #"{"encoding":"cp932"}"#, #"{"form":"nfd","case":"insensitive"}"#,
    ]

    @Test("everything is shown once, reachable and unchanged", arguments: policies)
    func invariants(policy: String) throws {
        let view = try mount(policy)
        try check("invariants", policy.contains("insensitive") || policy.contains("percent") ? "ROUNDS=15" : "ROUNDS=15 SENSITIVE=1")
        try end(view)
    }

    @Test(
        "any order of calls does what it does in a plain directory, with eight descriptors to spare, too",
        arguments: [(policies[0], ""), (policies[2], "--descriptors 8")])
    func oracle(policy: String, more: String) throws {
        let view = try mount(policy, more)
        try check("oracle", "STEPS=2000")
        try end(view)
    }

    @Test("data is what was written: reads, writes, mappings, holes, copies")
    func data() throws {
        let view = try mount(Self.policies[0])
        try check("data", "STEPS=1000")
        try end(view)
    }

    @Test("many at a time, while the kernel forgets")
    func stress() throws {
        let view = try mount(Self.policies[0], "--descriptors 16")
        try check("stress", "DURATION=4")
        try end(view)
    }

    @Test("20,000 names in one directory")
    func large() throws {
        let view = try mount(Self.policies[0])
        try check("large")
        try end(view)
    }
}
