import ShareModel

/// Everything that `GET /metrics` tells, in Prometheus' text format 0.0.4. What a VM can make of it is bounded by what
/// `MachineHealth` keeps: for each of so many shares 40 series, with a name, a type and numbers of so many bytes.
struct MetricsPage {
    /// What a page tells of one VM.
    struct Machine {
        var name: String
        /// Whether there is a session with its agent.
        var connected: Bool
        /// Milliseconds since the newest report; nil when there was none.
        var sinceLastReportMs: Int64?
        /// Frames that were no message, since sharehost started.
        var badFrames: Int
        /// Sessions begun since sharehost started.
        var sessions: Int
        var health: MachineHealth
    }

    /// The HTTP header's value.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The page. Machines are to have names of their own.
    static func render(version: String, configurationSound: Bool, machines: [Machine]) -> String {
        var text = MetricsText()
        text.family("sharehost_build_info", .gauge, "The host peer's version; always 1.") {
            $0.sample(["version": version], 1)
        }
        text.family("sharehost_configuration_ok", .gauge, "Whether the configuration file as it is now is in force.") {
            $0.sample([:], configurationSound ? 1 : 0)
        }
        text.family("sharehost_vm_connected", .gauge, "Whether there is a session with the VM's agent.") {
            for machine in machines { $0.sample(["vm": machine.name], machine.connected ? 1 : 0) }
        }
        text.family("sharehost_vm_last_report_seconds", .gauge, "Seconds since the VM's newest report.") {
            for machine in machines {
                guard let age = machine.sinceLastReportMs else { continue }
                $0.sample(["vm": machine.name], thousandths: age)
            }
        }
        text.family("sharehost_vm_sessions_total", .counter, "Sessions that the VM's agent began.") {
            for machine in machines { $0.sample(["vm": machine.name], Int64(machine.sessions)) }
        }
        text.family("sharehost_vm_bad_frames_total", .counter, "Frames from the VM that were no message.") {
            for machine in machines { $0.sample(["vm": machine.name], Int64(machine.badFrames)) }
        }
        agents(machines, &text)
        shares(machines, &text)
        return text.text
    }

    private static func agents(_ machines: [Machine], _ text: inout MetricsText) {
        text.family("shareagent_build_info", .gauge, "The agent's version; always 1.") {
            for machine in machines {
                guard let agent = machine.health.agent else { continue }
                $0.sample(["vm": machine.name, "version": agent.version], 1)
            }
        }
        text.family("shareagent_channel_connected", .gauge, "Whether the agent has a session with its host.") {
            for machine in machines { $0.sample(["vm": machine.name], machine.connected ? 1 : 0) }
        }
        text.family("shareagent_workers_stuck", .gauge, "Workers of the agent that outlived SIGKILL.") {
            for machine in machines {
                guard let agent = machine.health.agent else { continue }
                $0.sample(["vm": machine.name], agent.stuckWorkers)
            }
        }
    }

    private static func shares(_ machines: [Machine], _ text: inout MetricsText) {
        let rows = machines.flatMap { machine in machine.health.shares.map { Row(machine, $0) } }
        text.family("shareagent_share_state", .gauge, "The state of a share: 1 for the current one.") {
            for row in rows {
                for state in ShareState.allCases { $0.sample(row.labels.with("state", state.rawValue), row.status.state == state ? 1 : 0) }
            }
        }
        text.family("shareagent_share_health", .gauge, "The health of a share: 1 for the current one.") {
            for row in rows {
                for health in Health.allCases { $0.sample(row.labels.with("health", health.rawValue), row.status.health == health ? 1 : 0) }
            }
        }
        text.family("shareagent_share_probe_seconds", .histogram, "How long probes of a share took.") {
            for row in rows where row.memory.probes.count > 0 { $0.histogram(row.labels, row.memory.probes) }
        }
        for (name, key, help) in counters {
            text.family(name, .counter, help) {
                for row in rows {
                    guard let count = row.share.counter(key) else { continue }
                    $0.sample(row.labels, count)
                }
            }
        }
        for (name, help, read) in gauges {
            text.family(name, .gauge, help) {
                for row in rows {
                    guard let number = read(row.status) else { continue }
                    $0.sample(row.labels, number)
                }
            }
        }
        text.family("shareagent_attach_seconds", .gauge, "How long the last attach of a share took.") {
            for row in rows {
                guard let time = row.memory.attachMs else { continue }
                $0.sample(row.labels, thousandths: time)
            }
        }
    }

    private struct Row {
        let share: ReportedShare
        let memory: MachineHealth.Memory
        let labels: MetricLabels

        var status: ShareStatus { share.status }

        init(_ machine: Machine, _ share: ReportedShare) {
            self.share = share
            memory = machine.health.memories[share.shownName] ?? MachineHealth.Memory()
            labels = ["vm": machine.name, "share": share.shownName, "type": share.status.type]
        }
    }

    private static let counters: [(name: String, key: String, help: String)] = [
        ("shareagent_share_read_bytes_total", "readBytes", "Bytes read from a share's server."),
        ("shareagent_share_written_bytes_total", "writtenBytes", "Bytes written to a share's server."),
        ("shareagent_share_read_operations_total", "readOperations", "Reads sent to a share's server."),
        ("shareagent_share_write_operations_total", "writeOperations", "Writes sent to a share's server."),
        ("shareagent_share_retransmissions_total", "retransmissions", "Requests that were sent again."),
        ("shareagent_share_timeouts_total", "timeouts", "Requests that were given up."),
        ("shareagent_share_reconnects_total", "reconnects", "Connections to a share's server that were made anew."),
    ]

    private static let gauges: [(name: String, help: String, read: @Sendable (ShareStatus) -> Int64?)] = [
        ("shareagent_share_size_bytes", "The size of a share's file system.", { $0.capacity?.sizeBytes }),
        ("shareagent_share_available_bytes", "What ordinary users may still write to a share.", { $0.capacity?.availableBytes }),
        ("shareagent_share_full_seconds", "Forecast: seconds until a share is full.", { $0.capacity?.fullInSeconds }),
        ("shareagent_share_attempts", "Attach attempts since the share was offered or last attached.", { $0.attempts }),
    ]
}
