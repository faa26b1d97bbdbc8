import Glibc
import Reconciler
import ShareModel
import Testing

/// docs/states.md and the code are held together here: each row of its table is made to happen.
@Suite("The table of transitions in docs/states.md")
struct TransitionTableTests {
    struct Row: CustomStringConvertible, Sendable {
        let from: String
        let event: String
        let to: String
        var description: String { "\(from): \(event) -> \(to)" }
    }

    static let rows: [Row] = {
        let path = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/docs/states.md"
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var rows: [Row] = []
        var isInside = false
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, CInt(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("<!-- transitions:") { isInside = true }
            guard isInside else { continue }
            let cells = text.split(separator: "|").map { $0.drop { $0 == " " || $0 == "`" } }.map {
                String($0.reversed().drop { $0 == " " || $0 == "`" }.reversed())
            }
            if cells.count == 3, ShareState(rawValue: cells[0]) != nil { rows.append(Row(from: cells[0], event: cells[1], to: cells[2])) }
            if text.isEmpty, !rows.isEmpty { break }
        }
        return rows
    }()

    private static let ours = ObservedState([mount(7, "/mnt/a")])
    private static let nothing = ObservedState([])
    private static let cause = Cause(.connectionRefused, "refused")

    /// A life in the state a row begins with.
    private func begin(_ state: String, recover: String = "wait") throws -> ShareLife {
        let offered = try share("a", ["recover": .string(recover)])
        var life = state == "refused" ? life(try share("a", ["target": "/etc/a"])) : life(offered)
        switch state {
        case "offered", "refused": break
        case "attaching": life.attachBegan(1, now: clock(0))
        case "attached": life = attached(offered)
        case "detaching":
            life = attached(offered)
            life.detachBegan(3, now: clock(0))
        case "detached": life.demandDetached(lazy: false, now: clock(0))
        case "failed":
            life.attachBegan(1, now: clock(0))
            life.attachEnded(.failed(Self.cause), observed: Self.nothing, now: clock(0), jitter: 0)
        default: Issue.record("no such state: \(state)")
        }
        #expect(life.phase.state.rawValue == state)
        return life
    }

    private func happen(_ event: String, to life: inout ShareLife) throws {
        let now = clock(1)
        var strict = Policy.standard
        strict.roots = [try Target(validating: "/data")]
        var loose = Policy.standard
        loose.roots = [try Target(validating: "/etc")]
        let isAttach = life.phase.state == .attaching
        switch event {
        case "attach begins": life.attachBegan(9, now: now)
        case "attach is asked for": life.demandAttached(policy: .standard, now: now)
        case "detach is asked for": life.demandDetached(lazy: false, now: now)
        case "detach begins": life.detachBegan(9, now: now)
        case "policy forbids it": life.judged(by: strict, now: now)
        case "policy allows it": life.judged(by: loose, now: now)
        case "offered changed": life.offered(try share("a", ["access": "ro"]), origin: .host, revision: 2, policy: .standard, now: now)
        case "a mount of it from before is found":
            life.adopted(mount(7, "/mnt/a"), of: life.share, at: life.target, requestedOptions: [:], now: now)
        case "worker mounted it":
            life.attachEnded(.attached(mountID: 7, requestedOptions: [:], warnings: []), observed: Self.ours, now: now, jitter: 0)
        case "worker says mounted, the table does not":
            life.attachEnded(.attached(mountID: 7, requestedOptions: [:], warnings: []), observed: Self.nothing, now: now, jitter: 0)
        case "worker failed" where isAttach: life.attachEnded(.failed(Self.cause), observed: Self.nothing, now: now, jitter: 0)
        case "worker failed": life.detachEnded(.failed(Cause(.targetBusy, "busy")), now: now, jitter: 0)
        case "worker met the policy":
            life.attachEnded(.failed(Cause(.optionRefused, "no")), observed: Self.nothing, now: now, jitter: 0)
        case "worker outlives SIGKILL": life.workerStuck(isAttach ? 1 : 3, Cause(.mountTimeout, "late"), now: now, jitter: 0)
        case "worker that was stuck has mounted it after all":
            var stuck = try begin("attaching")
            stuck.workerStuck(1, Cause(.mountTimeout, "late"), now: now, jitter: 0)
            stuck.stuckWorkerEnded(1, .attached(mountID: 7, requestedOptions: [:], warnings: []), observed: Self.ours, now: now)
            life = stuck
        case "mount vanishes": life.observe(Self.nothing, now: now)
        case "mount vanishes, recover: remount":
            life = try begin("attached", recover: "remount")
            life.observe(Self.nothing, now: now)
        case "mount vanishes, detach was asked for":
            life.demandDetached(lazy: false, now: now)
            life.observe(Self.nothing, now: now)
        case "mount vanishes, attach is asked for":
            life.observe(Self.nothing, now: now)
            life.demandAttached(policy: .standard, now: now)
        case "worker remounted it":
            life.changeBegan(9)
            life.remountEnded(.remounted(requestedOptions: [:], warnings: []), as: life.share, now: now, jitter: 0)
        case "worker cannot remount it":
            life.changeBegan(9)
            life.remountEnded(.failed(Cause(.optionRefused, "no")), as: life.share, now: now, jitter: 0)
        case "waits on it were ended":
            life.changeBegan(9)
            life.waitingEnded(.waitingEnded(forGood: true, mountIDs: [7]), now: now)
        case "new mount took its place":
            life.changeBegan(9)
            life.replacementEnded(
                .attached(mountID: 8, requestedOptions: [:], warnings: []), as: life.share, observed: ObservedState([mount(8, "/mnt/a")]),
                now: now,
                jitter: 0)
        case "new mount failed, the old one is gone":
            life.changeBegan(9)
            life.replacementEnded(.failed(Self.cause), as: life.share, observed: Self.nothing, now: now, jitter: 0)
        case "probe is overdue":
            life.probeBegan(5)
            life.probeOverdue(5, Cause(.transportStalled, "late"), limits: limits, now: now)
        case "worker unmounted it, detach was asked for":
            life.demandDetached(lazy: false, now: now)
            life.detachEnded(.detached(stillInUse: false), now: now, jitter: 0)
        case "worker unmounted it, the share has changed":
            life.offered(try share("a", ["access": "ro"]), origin: .host, revision: 2, policy: .standard, now: now)
            life.detachEnded(.detached(stillInUse: false), now: now, jitter: 0)
        case "worker unmounted it, no longer offered":
            life.withdrawn(now: now)
            life.detachEnded(.detached(stillInUse: false), now: now, jitter: 0)
        default: Issue.record("nobody knows the event '\(event)'")
        }
    }

    @Test("every row happens as it is written", arguments: rows)
    func row(_ row: Row) throws {
        var life = try begin(row.from)
        try happen(row.event, to: &life)
        #expect(life.phase.state.rawValue == row.to)
    }

    @Test("the table is there, and leaves no state without a way in and a way out")
    func complete() {
        #expect(Self.rows.count >= 25)
        #expect(Set(Self.rows.map(\.from)) == Set(ShareState.allCases.map(\.rawValue)))
        #expect(Set(Self.rows.map(\.to)) == Set(ShareState.allCases.map(\.rawValue)))
    }
}
