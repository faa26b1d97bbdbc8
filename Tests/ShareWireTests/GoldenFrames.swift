import ShareModel
import ShareWire

/// The messages that the files in `Golden` hold, one a line, made here by the code that makes them in earnest.
enum GoldenFrames {
    static let session = "5f0e9c3ab1d24e7f8a6b0c1d2e3f4a5b"
    private static let nonce = Nonce(session) ?? .fresh()

    static let files: [(name: String, messages: [Message])] = [
        ("guest-to-host", guestToHost), ("host-to-guest", hostToGuest), ("control-socket", controlSocket),
    ]

    private static let report = HealthReport(sequence: 12, agent: .fixture, shares: [.fixture("projects"), .failed])
    private static let event = ShareEvent.fixture(
        13, cause: Cause(.serverStoppedAnswering, "10.77.0.1 has not answered for 8 s", remedy: ["look at the NFS server 10.77.0.1"]))
    private static let share: Value = .object([
        "name": "projects", "source": .object(["type": "nfs", "server": "10.77.0.1", "export": "/projects", "version": "4.2"]),
        "access": "rw",
    ])
    private static let media: Value = .object([
        "name": "media", "source": .object(["type": "smb", "server": "10.77.0.1", "share": "media"]), "access": "ro",
        "credential": "media-user",
    ])
    private static let findings: Value = .object([
        "findings": .array([
            Finding(.catalog, .ok, note: "offered by the host, revision 3", share: "media").value,
            Finding(.mount, .failed, note: "tried again in 20 s", cause: .fixture, share: "media").value,
        ])
    ])

    private static func ask(_ id: Int64, _ method: GuestMethod, _ params: Value) -> Message {
        .request(id: .number(id), method: method.rawValue, params: params, session: session)
    }

    private static func ask(_ id: Int64, _ method: HostMethod, _ params: Value) -> Message {
        .request(id: .number(id), method: method.rawValue, params: params, session: session)
    }

    private static func ask(_ id: Int64, _ method: ControlMethod, _ params: Value) -> Message {
        .request(id: .number(id), method: method.rawValue, params: params)
    }

    private static func answer(_ id: Int64, _ result: Value) -> Message {
        .response(id: .number(id), result: result, session: session)
    }

    /// What the guest writes: its requests, then its answers to the host's.
    static let guestToHost: [Message] = [
        .request(id: .text(session), method: GuestMethod.agentHello.rawValue, params: GuestGreeting.fixture.params(nonce: nonce)),
        ask(1, .sharesList, .object([])),
        ask(2, .credentialsGet, .object(["share": "media", "credential": "media-user"])),
        ask(3, .healthReport, report.value),
        ask(4, .shareEvent, event.params),
        answer(1, .object([])),
        answer(2, report.value),
        answer(3, ShareStatus.fixture("projects").value),
        answer(4, ShareStatus.fixture("projects", state: .detached, health: .unknown).value),
        answer(5, findings),
        .failure(
            id: .number(6),
            error: RPCError(
                Cause(
                    .shareUnknown, "share 'old' is not offered to this guest", evidence: ["offered: media, projects"],
                    remedy: ["shareagent list"])),
            session: session),
        .failure(
            id: .number(7), error: RPCError(code: RPCError.methodNotFound, message: "there is no request 'guest.exec'"), session: session),
        .failure(
            id: nil, error: RPCError(code: RPCError.parseError, message: "byte 7: a key stands twice in one mapping"), session: session),
    ]

    /// What the host writes: notifications, its requests, its answers to the guest's.
    static let hostToGuest: [Message] = [
        .notification(method: HostMethod.hostSync.rawValue, params: .object([])),
        .response(id: .text(session), result: HostGreeting.fixture.result(nonce: nonce), session: session),
        .failure(
            id: .text(session),
            error: RPCError(
                code: RPCError.protocolMismatch, message: "protocol 2.0 is not spoken here, only 1.0",
                data: .object(["cause": "protocol-mismatch", "supported": .array(["1.0"])])),
            session: session),
        .notification(method: HostMethod.sharesChanged.rawValue, params: .object(["revision": 4]), session: session),
        ask(1, HostMethod.agentPing, .object([])),
        ask(2, HostMethod.healthGet, .object([])),
        ask(3, HostMethod.shareAttach, .object(["share": "projects"])),
        ask(4, HostMethod.shareDetach, .object(["share": "projects", "mode": "normal"])),
        ask(5, HostMethod.shareDiagnose, .object(["share": "media"])),
        answer(1, .object(["revision": 3, "complete": true, "shares": .array([share, media])])),
        answer(2, .object(["kind": "password", "username": "media", "domain": "LAB", "password": "a,b \"c\" d"])),
        answer(3, .object([])),
        answer(4, .object([])),
    ]

    private static let channel = ChannelStatus(
        path: "/dev/virtio-ports/org.shareagent.0", state: .connected, session: session, since: AgentStatus.fixture.startedAt,
        host: "hypervisor-3")

    /// What programs in the guest and the agent say to each other: each request with its answer.
    static let controlSocket: [Message] = [
        ask(1, ControlMethod.agentPing, .object([])), .response(id: .number(1), result: .object([])),
        ask(2, ControlMethod.healthGet, .object([])), .response(id: .number(2), result: report.value),
        ask(3, ControlMethod.shareAttach, .object(["share": "projects"])),
        .response(id: .number(3), result: ShareStatus.fixture("projects").value),
        ask(4, ControlMethod.shareDetach, .object(["share": "projects", "mode": "lazy"])),
        .response(id: .number(4), result: ShareStatus.fixture("projects", state: .detached, health: .unknown).value),
        ask(5, ControlMethod.shareDiagnose, .object(["share": "media"])), .response(id: .number(5), result: findings),
        ask(6, .statusGet, .object(["shares": .array(["projects"])])),
        .response(
            id: .number(6),
            result: .object([
                "agent": AgentStatus.fixture.value,
                "channel": channel.value,
                "shares": .array([ShareStatus.fixture("projects").value]),
            ])),
        ask(7, .sharesOffered, .object([])),
        .response(
            id: .number(7),
            result: .object([
                "revision": 3,
                "shares": .array([.object(["share": share, "offeredBy": "host", "state": "attached", "target": "/mnt/projects"])]),
                "channel": channel.value,
            ])),
        ask(8, .sharesAttach, .object(["names": .array(["projects", "media"]), "waitMs": 60_000])),
        .response(
            id: .number(8),
            result: .object([
                "shares": .array([ShareStatus.fixture("projects").value, ShareStatus.failed.value]), "complete": true,
                "required": .array([]),
            ])),
        ask(9, .sharesDetach, .object(["all": true, "mode": "normal", "waitMs": 10_000])),
        .failure(
            id: .number(9),
            error: RPCError(
                Cause(.permissionDenied, "only root and members of the group shareagent may do this", remedy: ["adduser USER shareagent"]),
                code: RPCError.notPermitted)),
        ask(10, .shareExplain, .object(["share": "projects"])), .response(id: .number(10), result: explained),
        ask(11, .shareBench, .object(["share": "projects", "timeMs": 20_000, "spaceBytes": 67_108_864, "compare": .array(["metadata"])])),
        .notification(method: ControlNotification.benchProgress.rawValue, params: .object(["doing": "sequential writing"])),
        .response(
            id: .number(11),
            result: .object([
                "share": "projects", "type": "nfs", "target": "/mnt/projects", "profile": "balanced", "written": true, "timeMs": 20_000,
                "spaceBytes": 67_108_864, "tookMs": 41_000,
                "results": .object([
                    "sequentialRead": .object(["bytesPerSecond": 51_380_224, "bytes": 67_108_864, "cachedPercent": 0]),
                    "latency": .object(["perSecond": 950, "operations": 1000, "medianMicroseconds": 1010, "p99Microseconds": 2300]),
                ]),
                "notes": .array(["reads were cold in this guest; the server's own cache stays warm"]),
                "compare": .object([
                    "rounds": 3, "own": .object(["list": .object(["perSecond": 4000])]),
                    "profiles": .array([
                        .object([
                            "profile": "metadata", "differences": .array(["actimeo=60"]),
                            "cost": "attributes up to 60 s old: what others change is seen late",
                            "results": .object(["list": .object(["perSecond": 6400])]), "ratioPercent": .object(["list": 160]),
                        ])
                    ]), "skipped": .array([]),
                ]),
                "recommendation": .object([
                    "profile": "metadata", "ratioPercent": 160,
                    "sentence": "metadata is 1.60 times as fast as balanced over all; most in listing: 1.60 times",
                    "cost": "attributes up to 60 s old: what others change is seen late",
                ]), "health": "ok",
            ])),
        ask(12, .sharesDiagnose, .object(["names": .array(["media"]), "waitMs": 60_000])),
        .notification(method: ControlNotification.diagnoseProgress.rawValue, params: .object(["doing": "looked into media: source ok"])),
        .response(id: .number(12), result: diagnosed),
    ]

    private static let diagnosed: Value = .object([
        "findings": .array(
            [
                Finding(.agent, .ok, note: "shareagent 0.1.0, process 412"),
                Finding(.channel, .ok, note: "host 'hypervisor-3' at /dev/virtio-ports/org.shareagent.0"),
                Finding(.catalog, .ok, note: "offered by the host, revision 3", share: "media"),
                Finding(.policy, .ok, share: "media"),
                Finding(.source, .ok, note: "10.77.0.1 port 445: answered after 1.2 ms", share: "media"),
                Finding(.mount, .failed, note: "tried again in 20 s", cause: .fixture, share: "media"),
            ].map(\.value))
    ])

    private static let explained: Value = {
        var told = Explanation(name: "projects", type: "nfs", source: "10.77.0.1:/projects", target: "/mnt/projects", profile: "balanced")
        told.fstype = "nfs"
        told.state = .attached
        told.mountID = 97
        told.options = [
            Explanation.Option(
                "rsize", requested: "1048576", effective: "131072", origin: .standard, why: "the most the client takes",
                fact: "NFS_MAX_FILE_IO_SIZE", difference: "the server takes no more at a time"),
            Explanation.Option("namlen", effective: "255", origin: .kernel, why: "the longest file name, as the server says"),
        ]
        told.negotiated = [Explanation.Fact("lease", "90 s", note: "the server's")]
        told.commands = ["mkdir -p /mnt/projects", "mount -i -t nfs -o rw,rsize=1048576,addr=10.77.0.1 10.77.0.1:/projects /mnt/projects"]
        return .object(["explanation": told.value])
    }()
}
