import ShareModel

@testable import Commands

/// Statuses as agents tell them, at one fixed moment.
enum Samples {
    static let now = Timestamp(milliseconds: 1_795_450_000_000)

    static func ago(seconds: Int64) -> Timestamp { Timestamp(milliseconds: now.milliseconds - seconds * 1000) }

    static var projects: ShareStatus {
        var share = ShareStatus(
            name: "projects", type: "nfs", source: "10.77.0.1:/projects", target: "/mnt/projects", state: .attached,
            since: ago(seconds: 7500),
            revision: 4)
        share.health = .ok
        share.mountID = 61
        share.capacity = .init(
            sizeBytes: 21_474_836_480, usedBytes: 1_610_612_736, availableBytes: 19_864_223_744, inodes: 1000, inodesUsed: 10)
        share.probe = .init(at: ago(seconds: 3), latencyMicroseconds: 412, median: 400, p99: 3100)
        return share
    }

    static var media: ShareStatus {
        var share = ShareStatus(
            name: "media", type: "virtiofs", source: "media", target: "/srv/media/films", state: .attached, since: ago(seconds: 42),
            revision: 4)
        share.health = .stalled
        share.mountID = 62
        return share
    }

    static var team: ShareStatus {
        var share = ShareStatus(
            name: "team", type: "smb", source: "//10.77.0.1/team", target: "/mnt/team", state: .failed, since: ago(seconds: 90), revision: 4
        )
        share.cause = Cause(
            .credentialRejected, "share 'team': cannot mount smb //10.77.0.1/team on /mnt/team: the server does not accept user ann",
            evidence: ["kernel: CIFS: VFS: \\\\10.77.0.1 Send error in SessSetup = -13", "NT_STATUS_LOGON_FAILURE"],
            remedy: ["correct the password of credential 'team-user' on the host, then: sharehost check"], errno: "EACCES")
        share.attempts = 3
        share.nextAttemptAt = Timestamp(milliseconds: now.milliseconds + 27_400)
        return share
    }

    static var etc: ShareStatus {
        var share = ShareStatus(
            name: "etc", type: "tmpfs", source: "tmpfs", target: "/etc", state: .refused, since: ago(seconds: 5), revision: 4)
        share.cause = Cause(
            .targetOutsideRoots, "share 'etc': target /etc is outside the allowed roots (/mnt, /media, /srv)",
            remedy: ["choose a target below one of them"])
        return share
    }

    static func plain(_ name: String, _ state: ShareState = .attached) -> ShareStatus {
        var share = ShareStatus(
            name: name, type: "tmpfs", source: "tmpfs", target: "/mnt/\(name)", state: state, since: ago(seconds: 5), revision: 1)
        if state == .attached { share.health = .ok }
        return share
    }

    static var agent: AgentStatus {
        AgentStatus(
            version: "0.1.0", protocol: "1.0", pid: 411, startedAt: ago(seconds: 7500), uptimeMs: 7_500_000, residentBytes: 8_000_000,
            workers: 0,
            stuckWorkers: 0, droppedEvents: 0, mode: .daemon)
    }

    static var connected: ChannelStatus {
        ChannelStatus(
            path: "/dev/virtio-ports/org.shareagent.0", state: .connected, session: "00ff", since: ago(seconds: 7400), host: "kvm7")
    }

    static func document(_ shares: [ShareStatus], channel: ChannelStatus = connected) -> Value {
        .object(["agent": agent.value, "channel": channel.value, "shares": .array(shares.map(\.value))])
    }
}
