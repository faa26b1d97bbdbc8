import ShareModel
import Testing

@testable import HostPeer

@Suite("The metrics page")
struct MetricsPageTests {
    @Test("a page without VMs tells the host peer alone")
    func empty() {
        #expect(
            MetricsPage.render(version: "0.1.0", configurationSound: false, machines: []) == """
                # HELP sharehost_build_info The host peer's version; always 1.
                # TYPE sharehost_build_info gauge
                sharehost_build_info{version="0.1.0"} 1
                # HELP sharehost_configuration_ok Whether the configuration file as it is now is in force.
                # TYPE sharehost_configuration_ok gauge
                sharehost_configuration_ok 0

                """)
    }

    @Test("a share's page holds everything its reports and events told")
    func golden() throws {
        var health = MachineHealth()
        let share = Reports.share(
            "projects", health: .slow,
            more: [
                .init(
                    "capacity",
                    .object([
                        "sizeBytes": 1000, "usedBytes": 400, "availableBytes": 600, "inodes": 0, "inodesUsed": 0, "fullInSeconds": 86_400,
                    ])),
                .init("probe", .object(["at": "2026-11-23T16:00:00Z", "latencyMicroseconds": 1_500_250, "median": 1, "p99": 2])),
                .init(
                    "io",
                    .object([
                        "readBytes": 11, "writtenBytes": 12, "readOperations": 13, "writeOperations": 14, "retransmissions": 15,
                        "timeouts": 16,
                        "reconnects": 17,
                    ])),
            ])
        _ = try health.take(report: Reports.report([share]), at: Timestamp(milliseconds: 5))
        try health.take(
            event: Reports.event("projects", "2026-11-23T16:00:00Z", from: ("offered", "unknown"), to: ("attaching", "unknown")))
        try health.take(
            event: Reports.event("projects", "2026-11-23T16:00:01.5Z", from: ("attaching", "unknown"), to: ("attached", "slow")))
        let page = MetricsPage.render(
            version: "0.1.0", configurationSound: true,
            machines: [
                MetricsPage.Machine(name: "vm1", connected: true, sinceLastReportMs: 2_345, badFrames: 3, sessions: 4, health: health),
                MetricsPage.Machine(
                    name: "vm2", connected: false, sinceLastReportMs: nil, badFrames: 0, sessions: 0, health: MachineHealth()),
            ])
        #expect(page == Self.page)
    }

    @Test("the worst that one VM can report makes a page of bounded length, and no two series with the same labels")
    func worst() throws {
        var health = MachineHealth()
        let name = String(repeating: "\\", count: MachineHealth.Limits.nameBytes - 4)
        let most = Int64(1) << 53
        let number = Value.integer(most)
        let shares = (0..<MachineHealth.Limits.shares).map { index in
            guard
                case .object(let members) = Reports.share(
                    name + String(1_000 + index).suffix(4), state: .attaching, health: .unreachable,
                    more: [
                        .init(
                            "capacity", .object(["sizeBytes": number, "availableBytes": number, "fullInSeconds": number])),
                        .init("probe", .object(["at": "2026-11-23T16:00:00Z", "latencyMicroseconds": number])),
                        .init(
                            "io",
                            .object([
                                "readBytes": number, "writtenBytes": number, "readOperations": number, "writeOperations": number,
                                "retransmissions": number, "timeouts": number, "reconnects": number,
                            ])),
                    ])
            else { return Value.null }
            return .object(members.map { $0.key == "type" ? .init("type", .string(String(repeating: "\\", count: 800))) : $0 })
        }
        let agent = Reports.agent(pid: 1, version: String(repeating: "\"", count: 60_000))
        let problems = try health.take(report: Reports.report(shares, agent: agent), at: Timestamp(milliseconds: 5))
        #expect(problems.isEmpty)
        let page = MetricsPage.render(
            version: "0.1.0", configurationSound: true,
            machines: [MetricsPage.Machine(name: "vm1", connected: true, sinceLastReportMs: 1, badFrames: 0, sessions: 1, health: health)])
        #expect(page.utf8.count < 20 << 20)
        let series = page.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { $0.split(separator: " ").dropLast().first }
        #expect(series.count > 39 * MachineHealth.Limits.shares)
        #expect(Set(series).count == series.count)
    }

    @Test("names that are shown alike make one series, not two that Prometheus refuses together with the whole page")
    func namesShownAlike() throws {
        var health = MachineHealth()
        let shares = [Reports.share("a\u{200B}"), Reports.share("a\\u{200b}")]
        _ = try health.take(report: Reports.report(shares), at: Timestamp(milliseconds: 5))
        let page = MetricsPage.render(
            version: "0.1.0", configurationSound: true,
            machines: [MetricsPage.Machine(name: "vm1", connected: true, sinceLastReportMs: 1, badFrames: 0, sessions: 1, health: health)])
        let series = page.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " } }
        #expect(Set(series).count == series.count)
        #expect(page.contains(#"{vm="vm1",share="a\\u{200b}",type="nfs",state="attached"} 1"#))
    }

    @Test("labels are escaped, and cannot forge a line")
    func escaping() {
        #expect(MetricsText.escaped("a\"b\\c\nd\u{1B}") == "a\\\"b\\\\c\\\\u{a}d\\\\u{1b}")
    }

    @Test(
        "decimals are exact",
        arguments: [
            (0, 3, "0"), (1, 6, "0.000001"), (1_500_250, 6, "1.50025"), (2000, 3, "2"), (-5, 3, "-0.005"),
            (Int64.max, 6, "9223372036854.775807"),
        ])
    func decimals(number: Int64, places: Int, text: String) {
        #expect(MetricsText.decimal(number, places: places) == text)
    }

    static let page = """
        # HELP sharehost_build_info The host peer's version; always 1.
        # TYPE sharehost_build_info gauge
        sharehost_build_info{version="0.1.0"} 1
        # HELP sharehost_configuration_ok Whether the configuration file as it is now is in force.
        # TYPE sharehost_configuration_ok gauge
        sharehost_configuration_ok 1
        # HELP sharehost_vm_connected Whether there is a session with the VM's agent.
        # TYPE sharehost_vm_connected gauge
        sharehost_vm_connected{vm="vm1"} 1
        sharehost_vm_connected{vm="vm2"} 0
        # HELP sharehost_vm_last_report_seconds Seconds since the VM's newest report.
        # TYPE sharehost_vm_last_report_seconds gauge
        sharehost_vm_last_report_seconds{vm="vm1"} 2.345
        # HELP sharehost_vm_sessions_total Sessions that the VM's agent began.
        # TYPE sharehost_vm_sessions_total counter
        sharehost_vm_sessions_total{vm="vm1"} 4
        sharehost_vm_sessions_total{vm="vm2"} 0
        # HELP sharehost_vm_bad_frames_total Frames from the VM that were no message.
        # TYPE sharehost_vm_bad_frames_total counter
        sharehost_vm_bad_frames_total{vm="vm1"} 3
        sharehost_vm_bad_frames_total{vm="vm2"} 0
        # HELP shareagent_build_info The agent's version; always 1.
        # TYPE shareagent_build_info gauge
        shareagent_build_info{vm="vm1",version="0.1.0"} 1
        # HELP shareagent_channel_connected Whether the agent has a session with its host.
        # TYPE shareagent_channel_connected gauge
        shareagent_channel_connected{vm="vm1"} 1
        shareagent_channel_connected{vm="vm2"} 0
        # HELP shareagent_workers_stuck Workers of the agent that outlived SIGKILL.
        # TYPE shareagent_workers_stuck gauge
        shareagent_workers_stuck{vm="vm1"} 2
        # HELP shareagent_share_state The state of a share: 1 for the current one.
        # TYPE shareagent_share_state gauge
        shareagent_share_state{vm="vm1",share="projects",type="nfs",state="offered"} 0
        shareagent_share_state{vm="vm1",share="projects",type="nfs",state="attaching"} 0
        shareagent_share_state{vm="vm1",share="projects",type="nfs",state="attached"} 1
        shareagent_share_state{vm="vm1",share="projects",type="nfs",state="detaching"} 0
        shareagent_share_state{vm="vm1",share="projects",type="nfs",state="detached"} 0
        shareagent_share_state{vm="vm1",share="projects",type="nfs",state="failed"} 0
        shareagent_share_state{vm="vm1",share="projects",type="nfs",state="refused"} 0
        # HELP shareagent_share_health The health of a share: 1 for the current one.
        # TYPE shareagent_share_health gauge
        shareagent_share_health{vm="vm1",share="projects",type="nfs",health="ok"} 0
        shareagent_share_health{vm="vm1",share="projects",type="nfs",health="slow"} 1
        shareagent_share_health{vm="vm1",share="projects",type="nfs",health="stalled"} 0
        shareagent_share_health{vm="vm1",share="projects",type="nfs",health="stale"} 0
        shareagent_share_health{vm="vm1",share="projects",type="nfs",health="unreachable"} 0
        shareagent_share_health{vm="vm1",share="projects",type="nfs",health="gone"} 0
        shareagent_share_health{vm="vm1",share="projects",type="nfs",health="foreign"} 0
        shareagent_share_health{vm="vm1",share="projects",type="nfs",health="unknown"} 0
        # HELP shareagent_share_probe_seconds How long probes of a share took.
        # TYPE shareagent_share_probe_seconds histogram
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="0.0001"} 0
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="0.0005"} 0
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="0.001"} 0
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="0.005"} 0
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="0.01"} 0
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="0.05"} 0
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="0.1"} 0
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="0.5"} 0
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="1"} 0
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="5"} 1
        shareagent_share_probe_seconds_bucket{vm="vm1",share="projects",type="nfs",le="+Inf"} 1
        shareagent_share_probe_seconds_sum{vm="vm1",share="projects",type="nfs"} 1.50025
        shareagent_share_probe_seconds_count{vm="vm1",share="projects",type="nfs"} 1
        # HELP shareagent_share_read_bytes_total Bytes read from a share's server.
        # TYPE shareagent_share_read_bytes_total counter
        shareagent_share_read_bytes_total{vm="vm1",share="projects",type="nfs"} 11
        # HELP shareagent_share_written_bytes_total Bytes written to a share's server.
        # TYPE shareagent_share_written_bytes_total counter
        shareagent_share_written_bytes_total{vm="vm1",share="projects",type="nfs"} 12
        # HELP shareagent_share_read_operations_total Reads sent to a share's server.
        # TYPE shareagent_share_read_operations_total counter
        shareagent_share_read_operations_total{vm="vm1",share="projects",type="nfs"} 13
        # HELP shareagent_share_write_operations_total Writes sent to a share's server.
        # TYPE shareagent_share_write_operations_total counter
        shareagent_share_write_operations_total{vm="vm1",share="projects",type="nfs"} 14
        # HELP shareagent_share_retransmissions_total Requests that were sent again.
        # TYPE shareagent_share_retransmissions_total counter
        shareagent_share_retransmissions_total{vm="vm1",share="projects",type="nfs"} 15
        # HELP shareagent_share_timeouts_total Requests that were given up.
        # TYPE shareagent_share_timeouts_total counter
        shareagent_share_timeouts_total{vm="vm1",share="projects",type="nfs"} 16
        # HELP shareagent_share_reconnects_total Connections to a share's server that were made anew.
        # TYPE shareagent_share_reconnects_total counter
        shareagent_share_reconnects_total{vm="vm1",share="projects",type="nfs"} 17
        # HELP shareagent_share_size_bytes The size of a share's file system.
        # TYPE shareagent_share_size_bytes gauge
        shareagent_share_size_bytes{vm="vm1",share="projects",type="nfs"} 1000
        # HELP shareagent_share_available_bytes What ordinary users may still write to a share.
        # TYPE shareagent_share_available_bytes gauge
        shareagent_share_available_bytes{vm="vm1",share="projects",type="nfs"} 600
        # HELP shareagent_share_full_seconds Forecast: seconds until a share is full.
        # TYPE shareagent_share_full_seconds gauge
        shareagent_share_full_seconds{vm="vm1",share="projects",type="nfs"} 86400
        # HELP shareagent_share_attempts Attach attempts since the share was offered or last attached.
        # TYPE shareagent_share_attempts gauge
        shareagent_share_attempts{vm="vm1",share="projects",type="nfs"} 0
        # HELP shareagent_attach_seconds How long the last attach of a share took.
        # TYPE shareagent_attach_seconds gauge
        shareagent_attach_seconds{vm="vm1",share="projects",type="nfs"} 1.5

        """
}
