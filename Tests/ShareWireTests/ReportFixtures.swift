import ShareModel
import ShareWire

extension AgentStatus {
    static let fixture = AgentStatus(
        version: "0.1.0", protocol: "1.0", pid: 412, startedAt: Timestamp(milliseconds: 1_795_449_600_000), uptimeMs: 61_000,
        residentBytes: 7_340_032,
        workers: 1, stuckWorkers: 0, droppedEvents: 0, mode: .daemon)
}

extension ShareStatus {
    static func fixture(_ name: String, state: ShareState = .attached, health: Health = .ok) -> ShareStatus {
        var status = ShareStatus(
            name: name, type: "nfs", source: "10.77.0.1:/\(name)", target: "/mnt/\(name)", state: state,
            since: Timestamp(milliseconds: 1_795_449_602_250), revision: 3)
        status.health = health
        status.mountID = 97
        status.requestedOptions = ["vers": "4.2"]
        status.effectiveOptions = ["rsize": "131072", "vers": "4.2", "wsize": "131072"]
        status.capacity = Capacity(sizeBytes: 1 << 40, usedBytes: 1 << 39, availableBytes: 1 << 39, inodes: 1_000_000, inodesUsed: 1_234)
        status.probe = Probe(at: Timestamp(milliseconds: 1_795_449_660_000), latencyMicroseconds: 850, median: 900, p99: 2_100)
        status.attempts = 1
        return status
    }

    static let failed: ShareStatus = {
        var status = ShareStatus(
            name: "media", type: "smb", source: "//10.77.0.1/media", target: "/mnt/media", state: .failed,
            since: Timestamp(milliseconds: 1_795_449_605_000), revision: 3, access: .ro)
        status.attempts = 2
        status.nextAttemptAt = Timestamp(milliseconds: 1_795_449_625_000)
        status.cause = .fixture
        return status
    }()
}

extension Cause {
    static let fixture = Cause(
        .credentialRejected, "the server refused the user 'media' (STATUS_LOGON_FAILURE)",
        evidence: ["CIFS: VFS: Send error in SessSetup = -13"],
        remedy: ["correct the password of credential 'media-user' in /etc/sharehost/sharehost.yaml"], errno: "EACCES")
}

extension ShareEvent {
    static func fixture(_ sequence: Int64, share: String = "projects", cause: Cause? = nil) -> ShareEvent {
        ShareEvent(
            sequence: sequence, share: share, at: Timestamp(milliseconds: 1_795_449_661_000), from: Condition(.attached, .ok),
            to: Condition(.attached, .stalled), cause: cause)
    }
}
