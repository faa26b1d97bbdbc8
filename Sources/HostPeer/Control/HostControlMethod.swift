import ShareModel
import ShareWire

/// What may be asked over the control socket. The table is complete.
enum HostControlMethod: String, CaseIterable {
    /// `{vm?, shares?}` → the host, its configuration, its VMs with their shares.
    case hostStatus = "host.status"
    /// `{vm, share}` → ShareStatus.
    case attach = "vm.attach"
    /// `{vm, share, mode}` → ShareStatus.
    case detach = "vm.detach"
    /// `{vm}` → `{}`.
    case ping = "vm.ping"
    /// `{vm, share}` → Diagnosis.
    case diagnose = "vm.diagnose"
}

extension HostServer {
    /// Answers a request of the control socket, now or when the guest has answered. `completion` runs exactly once.
    func control(_ method: HostControlMethod, _ params: Value, _ completion: @escaping (Result<Value, RPCError>) -> Void) {
        do throws(FieldProblem) {
            var fields = try Fields(params, at: "params")
            let name = try fields.text("vm")
            if method == .hostStatus {
                let withShares = try fields.truth("shares") ?? true
                try fields.end()
                return completion(status(of: name, withShares: withShares))
            }
            guard let name else { throw FieldProblem(path: "params.vm", message: "is missing") }
            guard let machine = machines[name] else { return completion(.failure(Self.unknown(name))) }
            switch method {
            case .hostStatus: break
            case .ping:
                try fields.end()
                machine.ask(.agentPing, .object([]), timeoutMs: surroundings.tuning.answerMs, Self.explained(machine, completion))
            case .attach, .diagnose:
                let share = try fields.requiredText("share")
                try fields.end()
                machine.ask(
                    method == .attach ? .shareAttach : .shareDiagnose, .object(["share": .string(share)]),
                    timeoutMs: surroundings.tuning.answerMs, Self.explained(machine, completion))
            case .detach:
                let share = try fields.requiredText("share")
                let mode: DetachMode = try fields.word("mode") ?? .normal
                try fields.end()
                machine.ask(
                    .shareDetach, .object(["share": .string(share), "mode": .string(mode.rawValue)]),
                    timeoutMs: surroundings.tuning.answerMs,
                    Self.explained(machine, completion))
            }
        } catch {
            completion(.failure(RPCError(error)))
        }
    }

    private enum DetachMode: String, CaseIterable { case normal, lazy }

    private static func unknown(_ name: String) -> RPCError {
        RPCError(code: RPCError.invalidParams, message: "there is no VM '\(name.printable)'", data: .object(["path": "params.vm"]))
    }

    /// What the session itself says when there is no agent to ask, with the cause that the rest of the world knows.
    private static func explained(
        _ machine: VirtualMachine, _ completion: @escaping (Result<Value, RPCError>) -> Void
    ) -> (Result<Value, RPCError>) -> Void {
        { result in
            guard case .failure(let error) = result else { return completion(result) }
            let name = machine.name
            switch error.code {
            case RPCError.noSession:
                let why = machine.link.reason.map { [$0] } ?? []
                let cause =
                    machine.link.state == .absent
                    ? Cause(
                        .channelAbsent, "VM '\(name)' has no channel", evidence: why, remedy: ["start the VM with a port org.shareagent.0"])
                    : Cause(
                        .channelSilent, "there is no session with the agent of VM '\(name)'", evidence: why,
                        remedy: ["in the guest: systemctl status shareagent"])
                completion(.failure(RPCError(cause)))
            case RPCError.timeout:
                let cause = Cause(
                    .channelSilent, "the agent of VM '\(name)' did not answer in time", remedy: ["sharehost status \(name)"])
                completion(.failure(RPCError(cause)))
            default: completion(result)
            }
        }
    }
}
