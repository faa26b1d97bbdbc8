import ShareModel
import ShareWire

extension HostServer {
    /// The result of `host.status`.
    /// - Parameters:
    ///   - name: one VM only, with its newest events; nil for all.
    ///   - withShares: whether the VMs' shares are told too.
    func status(of name: String?, withShares: Bool) -> Result<Value, RPCError> {
        var chosen = sortedMachines
        if let name {
            guard let machine = machines[name] else {
                return .failure(
                    RPCError(
                        code: RPCError.invalidParams, message: "there is no VM '\(name.printable)'",
                        data: .object(["path": "params.vm"])))
            }
            chosen = [machine]
        }
        // One VM is always told: what a report held in one frame may be too much together with the rest, which then goes first.
        let details: [StatusDetail] = !withShares ? [.channels] : name == nil ? [.shares] : [.events, .shares, .sharesWithoutOptions]
        for detail in details {
            let value = status(of: chosen, detail)
            if value.fitsResult { return .success(value) }
        }
        return .failure(
            RPCError(
                code: RPCError.failed,
                message: "the status is larger than a frame may be: ask for one VM at a time, as sharehost status does"))
    }

    private func status(of machines: [VirtualMachine], _ detail: StatusDetail) -> Value {
        .object([
            "host": .object(["name": .string(configuration.name), "id": .text(configuration.id), "version": .string(Version.program)]),
            "configuration": .object([
                "path": .string(configurationPath), "revision": .integer(configurationRevision), "error": .text(configurationError),
            ]),
            "vms": .array(machines.map { $0.value(detail) }),
        ])
    }
}

/// How much is told of each VM.
enum StatusDetail {
    case channels
    case sharesWithoutOptions
    case shares
    case events
}

extension Value {
    /// Whether an answer with this result keeps to the limits of a frame.
    fileprivate var fitsResult: Bool {
        let message = Message.response(id: .text(String(repeating: "0", count: Limits.idBytes)), result: self)
        return (try? StrictJSON.parse(message.frame.dropLast())) != nil
    }

    /// A ShareStatus without its options, by far its largest part.
    fileprivate var withoutOptions: Value {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.key != "options" })
    }
}

extension VirtualMachine {
    /// As `host.status` tells it.
    func value(_ detail: StatusDetail) -> Value {
        let shares: Value? =
            switch detail {
            case .channels: nil
            case .sharesWithoutOptions: .array(health.shares.map(\.value.withoutOptions))
            case .shares, .events: .array(health.shares.map(\.value))
            }
        return .object([
            "vm": .string(name), "channel": .string(place.spelling), "connected": .bool(isConnected), "state": .string(link.state.rawValue),
            "since": .string(link.since.description), "reason": .text(link.reason), "session": .text(session.session?.text),
            "lastReportAt": .text(health.lastReportAt?.description), "revision": .integer(offer.revision),
            "offered": .array(offer.shares.map { .string($0.name.text) }), "agent": health.agentValue, "guest": guest?.value,
            "shares": shares, "events": detail == .events ? .array(health.events.map(\.value)) : nil,
        ])
    }
}

extension GuestGreeting {
    fileprivate var value: Value {
        .object([
            "hostname": .string(hostname), "machineId": .string(machineID), "bootId": .string(bootID), "kernel": .string(kernel),
            "os": .string(os), "architecture": .string(architecture),
        ])
    }
}
