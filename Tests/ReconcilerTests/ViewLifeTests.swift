import Glibc
import Reconciler
import ShareModel
import Testing

/// The table of a view's events in docs/states.md: each of its rows is made to happen.
@Suite("The table of views in docs/states.md")
struct ViewLifeTests {
    struct Row: CustomStringConvertible, Sendable {
        let cells: [String]
        var description: String { cells.joined(separator: " | ") }
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
            if text.hasPrefix("<!-- views:") { isInside = true }
            guard isInside else { continue }
            if text.isEmpty { break }
            let cells = text.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            if cells.count == 5, cells[0] != "view", cells[0].first != "-" { rows.append(Row(cells: cells)) }
        }
        return rows
    }()

    private static let named = Value.object(["encoding": "gb18030"])
    private static let raw = "/run/shareagent/raw/a"
    private static let below = mount(7, raw)

    private static func viewMount(_ id: Int64 = 8) -> ObservedMount { mount(id, "/mnt/a", source: raw, fstype: StandingView.fstype) }
    private static let both = ObservedState([below, viewMount()])
    private static let alone = ObservedState([below])
    private static let covered = ObservedState([below, viewMount(), mount(9, "/mnt/a", source: "theirs", fstype: "tmpfs")])

    private static func view(_ process: Int32 = 500) throws -> StandingView {
        StandingView(at: try Target(validating: "/mnt/a"), mountID: 8, process: ProcessMark(id: process, started: 1))
    }

    /// A share with a view that has stood for two minutes.
    private func standing() throws -> ShareLife {
        var life = life(try share("a", ["names": Self.named]))
        life.attachBegan(1, now: clock(0))
        life.attachEnded(
            .attached(mountID: 7, requestedOptions: [:], warnings: [], view: try Self.view()), observed: Self.both, now: clock(0),
            jitter: 20)
        probe(&life, at: 120, ViewReading(names: 3))
        return life
    }

    private func probe(_ life: inout ShareLife, at seconds: Double, _ reading: ViewReading) {
        life.probeBegan(2)
        life.probeEnded(
            2, .probed(latencyMicroseconds: 200, capacity, view: reading), wasOverdue: false, limits: limits, now: clock(seconds))
    }

    private func miss(_ life: inout ShareLife, at seconds: Double) {
        life.probeBegan(3)
        life.viewOverdue(3, limits: limits, now: clock(seconds))
        life.probeEnded(3, nil, wasOverdue: true, limits: limits, now: clock(seconds))
    }

    private func begin(_ state: String) throws -> ShareLife {
        var life = try standing()
        switch state {
        case "standing": break
        case "stuck": miss(&life, at: 121)
        case "gone": life.observe(Self.alone, now: clock(121))
        case "covered": life.observe(Self.covered, now: clock(121))
        case "down": life.viewEnded(ProcessMark(id: 500, started: 1), now: clock(121), jitter: 20)
        default: Issue.record("no such view: \(state)")
        }
        #expect(word(life) == state)
        return life
    }

    private func happen(_ event: String, to life: inout ShareLife) throws {
        let now = clock(125)
        switch event {
        case "its process ends": life.viewEnded(ProcessMark(id: 500, started: 1), now: now, jitter: 20)
        case "its process ends soon after it was laid, again":
            for (process, second) in [(Int32(500), 122.0), (501, 123), (502, 125)] {
                life.viewEnded(ProcessMark(id: process, started: 1), now: clock(second), jitter: 20)
                guard process != 502 else { break }
                life.layingEnded(
                    .laid(try Self.view(process + 1)), as: life.share, observed: Self.both, now: clock(second + 0.5), jitter: 20)
            }
        case "a probe meets ENOTCONN": probe(&life, at: 125, ViewReading(cause: Cause(.viewFailed, "nobody serves it")))
        case "a probe is answered by the share alone": miss(&life, at: 125)
        case "a probe is answered": probe(&life, at: 125, ViewReading())
        case "somebody unmounts it": life.observe(Self.alone, now: now)
        case "somebody mounts over it": life.observe(Self.covered, now: now)
        case "what covered it goes": life.observe(Self.both, now: now)
        case "attach is asked for": life.demandAttached(policy: .standard, now: now)
        case "it is laid": life.layingEnded(.laid(try Self.view(501)), as: life.share, observed: Self.both, now: now, jitter: 20)
        case "it cannot be laid":
            life.layingEnded(.failed(Cause(.helperMissing, "missing")), as: life.share, observed: Self.both, now: now, jitter: 20)
        case "other rules cannot be laid":
            let other = try share("a", ["names": .object(["encoding": "cp932"])])
            life.offered(other, origin: .host, revision: 2, policy: .standard, now: now)
            #expect(steps([life], at: 125) == [.lay(try name("a"))])
            life.layingEnded(.failed(Cause(.targetBusy, "in use")), as: other, observed: Self.both, now: now, jitter: 20)
        default: Issue.record("no such event: \(event)")
        }
    }

    private func word(_ life: ShareLife) -> String {
        life.status(now: clock(200)).names?["view"]?["state"]?.text ?? ""
    }

    /// When the next one is laid, seconds from the event; nil: not within a quarter of an hour.
    private func laying(_ life: ShareLife) throws -> Double? {
        let step = Step.lay(try name("a"))
        return stride(from: 0, to: 900, by: 0.5).first { steps([life], at: 125 + $0).contains(step) }
    }

    @Test("each row happens", arguments: rows)
    func happens(row: Row) throws {
        var life = try begin(row.cells[0])
        try happen(row.cells[1], to: &life)
        #expect(word(life) == row.cells[2])
        #expect(life.health.rawValue == row.cells[3])
        let pause = try laying(life)
        switch row.cells[4] {
        case "at once": #expect(pause == 0)
        case "after a pause": #expect(try #require(pause) > 0)
        case "by force, after 30 s":
            let pause = try #require(pause)
            #expect(pause > 20 && pause <= 30 && life.attachment?.view?.isToBeEnded == true)
        case "never", "when asked for": #expect(pause == nil)
        default: Issue.record("no such time: \(row.cells[4])")
        }
    }

    @Test("the table is there") func isThere() {
        #expect(Self.rows.count >= 14)
    }

    @Test("recover: remount lays a view that somebody unmounted again, once")
    func recovers() throws {
        var life = life(try share("a", ["names": Self.named, "recover": "remount"]))
        life.attachBegan(1, now: clock(0))
        life.attachEnded(
            .attached(mountID: 7, requestedOptions: [:], warnings: [], view: try Self.view()), observed: Self.both, now: clock(0),
            jitter: 20)
        life.observe(Self.alone, now: clock(1))
        #expect(steps([life], at: 1) == [.lay(try name("a"))])
        life.layingEnded(.laid(try Self.view(501)), as: life.share, observed: Self.both, now: clock(2), jitter: 20)
        life.observe(Self.alone, now: clock(3))
        #expect(!steps([life], at: 3).contains(.lay(try name("a"))))
        #expect(life.health == .gone)
    }

    @Test("recover: remount attaches a share anew that went together with its view")
    func recoversBoth() throws {
        var life = life(try share("a", ["names": Self.named, "recover": "remount"]))
        life.attachBegan(1, now: clock(0))
        life.attachEnded(
            .attached(mountID: 7, requestedOptions: [:], warnings: [], view: try Self.view()), observed: Self.both, now: clock(0),
            jitter: 20)
        life.observe(ObservedState([]), now: clock(1))
        #expect(steps([life], at: 1) == [.attach(try name("a"))])
    }

    @Test("no view is laid over a share that does not answer, and none while it is to be detached")
    func waits() throws {
        var life = try begin("down")
        life.probeBegan(5)
        life.probeOverdue(5, Cause(.transportStalled, "late"), limits: limits, now: clock(130))
        #expect(!steps([life], at: 131).contains(.lay(try name("a"))))
        var leaving = try begin("down")
        leaving.demandDetached(lazy: false, now: clock(125))
        #expect(steps([leaving], at: 125) == [.detach(try name("a"), lazy: false)])
    }
}
