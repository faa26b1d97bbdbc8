import ShareModel
import Testing

@testable import HostPeer

@Suite("The table of VMs and shares")
struct StatusTableTests {
    private let now = Timestamp("2026-11-23T16:00:00Z") ?? Timestamp(milliseconds: 0)

    @Test("VMs and shares stand in aligned columns, with the cause at the end")
    func golden() {
        let projects = Reports.share(
            "projects",
            more: [
                .init(
                    "capacity",
                    .object(["sizeBytes": .integer(10 << 30), "usedBytes": .integer(1_288_490_188), "availableBytes": .integer(9 << 30)])),
                .init("probe", .object(["latencyMicroseconds": 1234])),
            ])
        let build = Reports.share(
            "build", state: .failed, health: .unknown,
            more: [.init("cause", Cause(.connectionRefused, "cannot mount nfs 10.77.0.1:/build on /mnt/build: connection refused").value)])
        let status = Value.object([
            "vms": .array([
                .object([
                    "vm": "vm1", "channel": "unix:/run/vm1.sock", "state": "connected", "since": "2026-11-23T15:00:00.000Z",
                    "lastReportAt": "2026-11-23T15:59:57.000Z", "agent": .object(["version": "0.1.0"]),
                    "guest": .object(["hostname": "debian"]),
                    "shares": .array([projects, build]),
                ]),
                .object([
                    "vm": "a-longer-name", "channel": "listen:/run/vm2.sock", "state": "absent", "since": "2026-11-20T14:00:00Z",
                    "reason": "the other end closed the channel", "shares": .array([]),
                ]),
            ])
        ])
        #expect(
            StatusTable.render(status, now: now) == """
                VM             CHANNEL               STATE      SINCE  LAST REPORT  AGENT  GUEST   REASON
                vm1            unix:/run/vm1.sock    connected  1h 0m  3s ago       0.1.0  debian
                a-longer-name  listen:/run/vm2.sock  absent     3d 2h  never        -      -       the other end closed the channel

                VM   SHARE     TYPE  STATE     HEALTH   USED     SIZE      LATENCY  SINCE    CAUSE
                vm1  projects  nfs   attached  ok       1.1 GiB  10.0 GiB  1.2 ms   17m 58s
                vm1  build     nfs   failed    unknown  -        -         -        17m 58s  connection-refused: cannot mount nfs 10.77.0.1:/build on /mnt/build: connection refused

                """)
    }

    @Test("without VMs it says so, and a configuration that is not in force is told first")
    func nothing() {
        #expect(StatusTable.render(.object(["vms": .array([])]), now: now) == "No VM is served.\n")
        let status = Value.object(["configuration": .object(["error": "/etc/x.yaml:3: vms: is missing"]), "vms": .array([])])
        #expect(
            StatusTable.render(status, now: now)
                == "The configuration file is not in force: /etc/x.yaml:3: vms: is missing\n\nNo VM is served.\n")
    }

    @Test("a name from a guest cannot drive the terminal")
    func escaped() {
        let status = Value.object([
            "vms": .array([.object(["vm": "v", "state": "connected", "shares": .array([Reports.share("\u{1B}[2J\nvm9")])])])
        ])
        let text = StatusTable.render(status, now: now)
        #expect(text.contains("\\u{1b}[2J\\u{a}vm9"))
        #expect(!text.contains("\u{1B}"))
    }

    @Test(
        "sizes are rounded down to what fits a column",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_048_575, "1023 KiB"), (1536, "1.5 KiB"), (102_400, "100 KiB"),
            (1 << 40, "1.0 TiB"),
            (Int64.max, "7.9 EiB"), (-1, "-"),
        ])
    func sizes(count: Int64, text: String) {
        #expect(StatusTable.bytes(count) == text)
    }

    @Test(
        "latencies have the unit that fits",
        arguments: [(0, "0 us"), (999, "999 us"), (1000, "1.0 ms"), (999_999, "999.9 ms"), (1_250_000, "1.2 s"), (-1, "-")])
    func latencies(microseconds: Int64, text: String) {
        #expect(StatusTable.latency(microseconds) == text)
    }

    @Test(
        "ages are told in two units",
        arguments: [
            ("2026-11-23T16:00:05Z", "0s"), ("2026-11-23T15:59:01Z", "59s"), ("2026-11-23T15:59:00Z", "1m 0s"),
            ("2026-11-22T16:00:01Z", "23h 59m"), ("nonsense", "-"),
        ])
    func ages(since: String, text: String) {
        #expect(StatusTable.age(.string(since), now) == text)
    }
}
