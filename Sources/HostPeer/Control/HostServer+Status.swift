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
                        code: RPCError.invalidParams, message: "there is no VM '\(name.printable)'", data: .object(["path": "params.vm"])))
            }
            chosen = [machine]
        }
        let value = Value.object([
            "host": .object(["name": .string(configuration.name), "id": .text(configuration.id), "version": .string(Version.program)]),
            "configuration": .object([
                "path": .string(configurationPath), "revision": .integer(configurationRevision), "error": .text(configurationError),
            ]),
            "vms": .array(chosen.map { $0.value(withShares: withShares, withEvents: name != nil && withShares) }),
        ])
        guard (try? StrictJSON.parse(StrictJSON.bytes(of: .object(["result": value])))) != nil else {
            return .failure(
                RPCError(
                    code: RPCError.failed,
                    message: "the status is larger than a frame may be: ask for one VM at a time, as sharehost status does"))
        }
        return .success(value)
    }
}

extension VirtualMachine {
    /// As `host.status` tells it.
    fileprivate func value(withShares: Bool, withEvents: Bool) -> Value {
        .object([
            "vm": .string(name), "channel": .string(place.spelling), "connected": .bool(isConnected), "state": .string(link.state.rawValue),
            "since": .string(link.since.description), "reason": .text(link.reason), "session": .text(session.session?.text),
            "lastReportAt": .text(health.lastReportAt?.description), "revision": .integer(offer.revision),
            "offered": .array(offer.shares.map { .string($0.name.text) }), "agent": health.agentValue, "guest": guest?.value,
            "shares": withShares ? .array(health.shares.map(\.value)) : nil,
            "events": withEvents ? .array(health.events.map(\.value)) : nil,
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
