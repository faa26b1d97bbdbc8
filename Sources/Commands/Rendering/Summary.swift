import ShareModel

/// The lines about agent and channel that stand round the shares.
enum Summary {
    /// The last line of a status: `agent 0.1.0 up 2h05m, channel connected to kvm7, 3 shares`.
    static func line(agent: AgentStatus?, channel: ChannelStatus?, shares: [ShareStatus], on screen: Screen) -> String {
        var parts: [String] = []
        if let agent {
            let running = agent.mode == .daemon ? "up \(Amounts.span(milliseconds: agent.uptimeMs))" : "not running"
            parts.append("agent \(agent.version.printable) \(running)")
        }
        if let channel { parts.append(words(for: channel)) }
        let unwell = shares.count { $0.problem(at: Timestamp(milliseconds: 0)) != nil }
        parts.append(Amounts.count(shares.count, "share") + (unwell > 0 ? ", \(unwell) not as wished" : ""))
        if let agent, agent.stuckWorkers > 0 { parts.append(Amounts.count(Int(clamping: agent.stuckWorkers), "stuck worker")) }
        return Style.quiet.applied(to: parts.joined(separator: "; "), on: screen)
    }

    private static func words(for channel: ChannelStatus) -> String {
        switch channel.state {
        case .connected: "channel connected" + (channel.host.map { " to \($0.printable)" } ?? "")
        case .waiting: "channel waits for the host"
        case .absent: "channel absent"
        case .refused: "channel refused by the host"
        }
    }
}

extension ChannelStatus {
    /// Why the host cannot be reached; nil while it is.
    var complaint: Complaint? {
        switch state {
        case .connected: nil
        case .absent:
            Complaint(
                "cannot reach the host: there is no channel", why: "\(path) does not exist or cannot be opened",
                remedy: "give the VM a virtio-serial port named org.shareagent.0, or set channel: in /etc/shareagent/agent.yaml",
                exit: .unreachable, code: .channelAbsent)
        case .waiting:
            Complaint(
                "cannot reach the host: nobody answers", why: "\(path) is there, but no answer came in time",
                remedy: "start sharehost on the host and see that its configuration names this VM's socket", exit: .unreachable,
                code: .channelSilent)
        case .refused:
            Complaint(
                "cannot reach the host: it refused the session", why: "the host spoke another protocol version on \(path)",
                remedy: "install versions of shareagent and shareagent-host that belong together", exit: .unreachable,
                code: .protocolMismatch)
        }
    }
}
