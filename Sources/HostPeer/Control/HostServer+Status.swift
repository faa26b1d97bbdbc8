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
        // One VM is always told, and all of them without their shares: what is largest goes first, and the rest fits.
        let details: [StatusDetail] =
            !withShares ? [.channels, .bareChannels] : name == nil ? [.shares] : [.events, .shares, .sharesWithoutOptions, .bareShares]
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
    case bareChannels
    case channels
    case bareShares
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

extension ShareStatus {
    /// What and how the share is: of as many as a report may have, it fits into a frame.
    fileprivate var bareValue: Value {
        .object([
            "name": .string(name.printable), "type": .string(type), "state": .string(state.rawValue), "health": .string(health.rawValue),
            "since": .string(since.description), "revision": .integer(revision), "access": .string(access.rawValue),
            "attempts": .integer(attempts), "cause": cause.map { .object(["code": .string($0.code.rawValue)]) },
        ])
    }
}

extension VirtualMachine {
    /// As `host.status` tells it.
    func value(_ detail: StatusDetail) -> Value {
        let isBare = detail == .bareChannels
        let shares: Value? =
            switch detail {
            case .bareChannels, .channels: nil
            case .bareShares: .array(health.shares.map(\.status.bareValue))
            case .sharesWithoutOptions: .array(health.shares.map(\.value.withoutOptions))
            case .shares, .events: .array(health.shares.map(\.value))
            }
        return .object([
            "vm": .string(name), "channel": .string(place.spelling), "connected": .bool(isConnected), "state": .string(link.state.rawValue),
            "since": .string(link.since.description), "reason": .text(link.reason), "session": .text(session.session?.text),
            "lastReportAt": .text(health.lastReportAt?.description), "revision": .integer(offer.revision),
            "offered": isBare ? nil : .array(offer.shares.map { .string($0.name.text) }), "agent": isBare ? nil : health.agentValue,
            "guest": isBare ? nil : guest?.value, "shares": shares, "events": detail == .events ? .array(health.events.map(\.value)) : nil,
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
