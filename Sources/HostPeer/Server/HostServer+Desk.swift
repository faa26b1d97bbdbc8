import ShareModel
import ShareWire

/// The table of what a guest may ask: one function a request.
extension HostServer: RequestDesk {
    func answer(_ method: GuestMethod, _ params: Value, for machine: VirtualMachine) throws(RPCError) -> Value {
        switch method {
        // The session itself answers hellos.
        case .agentHello: throw RPCError(code: RPCError.invalidRequest, message: "there is a session already")
        case .sharesList: machine.giveOffer()
        case .credentialsGet: try credential(params, for: machine)
        case .healthReport: try report(params, from: machine)
        case .shareEvent: try event(params, from: machine)
        }
    }

    /// A secret goes only to a VM that is offered a share which names it.
    private func credential(_ params: Value, for machine: VirtualMachine) throws(RPCError) -> Value {
        let share: String
        let name: String
        do throws(FieldProblem) {
            var fields = try Fields(params, at: "params")
            share = try fields.requiredText("share")
            name = try fields.requiredText("credential")
        } catch {
            throw RPCError(error)
        }
        let offered = machine.offer.shares.first { $0.name.text.hasSameBytes(as: share) }
        guard let offered, let wanted = offered.credential, wanted.hasSameBytes(as: name), let entry = configuration.credential(name) else {
            machine.note("asked for credential '\(name.printable)' of share '\(share.printable)', which it is not to have", .warning)
            throw RPCError(
                Cause(
                    .credentialMissing, "the host has no credential '\(name)' for share '\(share)' of this VM",
                    remedy: ["name it at the share in the host's sharehost.yaml, and offer the share to this VM"]))
        }
        do throws(CredentialFile.Problem) {
            let answer = try entry.answer(owner: surroundings.tuning.credentialOwner)
            machine.note("was given credential '\(name)' for share '\(share)'")
            return answer
        } catch {
            machine.note("credential '\(name)': \(entry.file) \(error.sentence)", .error)
            throw RPCError(
                Cause(
                    .credentialMissing, "the host cannot read credential '\(name)'",
                    remedy: ["on the host run `sharehost check`, which says what is wrong with its file"]))
        }
    }

    private func report(_ params: Value, from machine: VirtualMachine) throws(RPCError) -> Value {
        do throws(FieldProblem) {
            let problems = try machine.health.take(report: params, at: surroundings.wallTime)
            if let first = problems.first {
                machine.note("\(problems.count) shares of a report cannot be read; \(first.sentence)", .warning)
            }
        } catch {
            machine.note("a report cannot be read; \(error.sentence)", .warning)
            throw RPCError(error)
        }
        raiseOffer(of: machine)
        return .object([])
    }

    private func event(_ params: Value, from machine: VirtualMachine) throws(RPCError) -> Value {
        do throws(FieldProblem) {
            guard let transition = try machine.health.take(event: params) else { return .object([]) }
            let words = { (condition: ShareTransition.Condition) in
                condition.health == .unknown ? condition.state.rawValue : "\(condition.state.rawValue) (\(condition.health.rawValue))"
            }
            // A new try still has the cause of the one before, which was told then.
            let cause = transition.to.state == .attaching ? nil : transition.cause
            let why = cause.map { ": \($0.code.rawValue): \($0.message)" } ?? ""
            machine.note(
                "share '\(transition.share)': \(words(transition.from)) -> \(words(transition.to))\(why)",
                cause == nil ? .info : .warning)
        } catch {
            machine.note("an event cannot be read; \(error.sentence)", .warning)
            throw RPCError(error)
        }
        return .object([])
    }
}
