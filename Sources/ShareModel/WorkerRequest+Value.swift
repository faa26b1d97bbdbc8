extension WorkerRequest {
    /// As one JSON object. It may hold a secret: write it to the worker's descriptor and nowhere else.
    public var value: Value {
        switch self {
        case .attach(let share, let credential, let targets):
            .object([
                "do": "attach", "share": share.value, "credential": credential?.value,
                "attachedTargets": Self.value(of: targets),
            ])
        case .detach(let name, let target, let mountID, let lazy, let view):
            .object([
                "do": "detach", "name": .string(name.text), "target": .string(target.text), "mountId": .integer(mountID),
                "lazy": .bool(lazy), "view": view?.value,
            ])
        case .probe(let name, let target, let mountID, let readAhead, let view):
            .object([
                "do": "probe", "name": .string(name.text), "target": .string(target.text), "mountId": .integer(mountID),
                "readAheadKiB": .number(readAhead), "view": view?.value,
            ])
        case .change(let mount, let change): Self.value(of: change, mount)
        case .renew(let share, let credential, let target, let mountID):
            .object([
                "do": "renew", "share": share.value, "credential": credential.value, "target": .string(target.text),
                "mountId": .integer(mountID),
            ])
        case .explain(let share, let mountID, let targets):
            .object(["do": "explain", "share": share.value, "mountId": .number(mountID), "attachedTargets": Self.value(of: targets)])
        case .examine(let order): order.value
        case .bench(let order, let credential): .object(["do": "bench", "order": order.value, "credential": credential?.value])
        case .sweep(let name, let target, let mountID, let mark):
            .object([
                "do": "sweep", "name": .string(name.text), "target": .string(target.text), "mountId": .integer(mountID),
                "mark": .string(mark),
            ])
        }
    }

    private enum Verb: String, CaseIterable { case attach, detach, probe, explain, examine, change, bench, sweep, renew }

    static func value(of targets: [ShareName: Target]) -> Value {
        .object(targets.sorted { $0.key < $1.key }.map { Value.Member($0.key.text, .string($0.value.text)) })
    }

    static func targets(_ fields: inout Fields) throws(FieldProblem) -> [ShareName: Target] {
        var targets: [ShareName: Target] = [:]
        for (name, target) in try fields.texts(of: "attachedTargets") {
            targets[try ShareName(validating: name)] = try Target(validating: target)
        }
        return targets
    }

    /// Reads a request back.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value) throws(FieldProblem) {
        var fields = try Fields(value, at: "")
        guard let verb = try fields.word("do", of: Verb.self) else { throw FieldProblem(path: "do", message: "is missing") }
        switch verb {
        case .attach:
            guard let share = fields.take("share") else { throw FieldProblem(path: "share", message: "is missing") }
            let credential = fields.take("credential")
            let targets = try Self.targets(&fields)
            self = .attach(
                try Share(share, at: "share"), try credential.map { value throws(FieldProblem) in try Credential(value, at: "credential") },
                attachedTargets: targets)
        case .renew:
            guard let share = fields.take("share") else { throw FieldProblem(path: "share", message: "is missing") }
            guard let credential = fields.take("credential") else { throw FieldProblem(path: "credential", message: "is missing") }
            self = .renew(
                try Share(share, at: "share"), try Credential(credential, at: "credential"),
                try Target(validating: try fields.requiredText("target")), mountID: try fields.count("mountId"))
        case .detach:
            self = .detach(
                try ShareName(validating: try fields.requiredText("name")), try Target(validating: try fields.requiredText("target")),
                mountID: try fields.count("mountId"), lazy: try fields.truth("lazy") ?? false, view: try fields.view())
        case .probe:
            self = .probe(
                try ShareName(validating: try fields.requiredText("name")), try Target(validating: try fields.requiredText("target")),
                mountID: try fields.count("mountId"), readAheadKiB: try fields.number("readAheadKiB", in: 0...Int64.max),
                view: try fields.view())
        case .explain:
            guard let share = fields.take("share") else { throw FieldProblem(path: "share", message: "is missing") }
            self = .explain(
                try Share(share, at: "share"), mountID: try fields.number("mountId", in: 0...Int64.max),
                attachedTargets: try Self.targets(&fields))
        case .examine: self = .examine(try Examination(&fields))
        case .change: self = try Self.change(&fields)
        case .bench:
            guard let order = fields.take("order") else { throw FieldProblem(path: "order", message: "is missing") }
            let credential = fields.take("credential")
            self = .bench(
                try BenchOrder(order, at: "order"),
                try credential.map { value throws(FieldProblem) in try Credential(value, at: "credential") })
        case .sweep:
            self = .sweep(
                try ShareName(validating: try fields.requiredText("name")), try Target(validating: try fields.requiredText("target")),
                mountID: try fields.count("mountId"), mark: try fields.benchMark())
        }
        try fields.end()
    }
}

extension WorkerOutcome {
    /// As one JSON object, without secrets.
    public var value: Value {
        switch self {
        case .attached(let mountID, let options, let warnings, let view):
            .object([
                "did": "attach", "mountId": .integer(mountID), "requestedOptions": Value(texts: options) ?? .object([]),
                "warnings": .array(warnings.map(Value.string)), "view": view?.value,
            ])
        case .detached(let stillInUse): .object(["did": "detach", "stillInUse": .bool(stillInUse)])
        case .probed(let latency, let capacity, let readAhead, let view):
            .object([
                "did": "probe", "latencyMicroseconds": .integer(latency), "capacity": capacity.value, "readAheadWas": .number(readAhead),
                "view": view.map { .object(["cause": $0.cause?.value, "names": .number($0.names)]) },
            ])
        case .examined: .object(["did": "examine"])
        case .laid(let view): .object(["did": "lay", "view": view.value])
        case .renewed: .object(["did": "renew"])
        case .explained(let told): .object(["did": "explain", "explanation": told.value])
        case .remounted(let options, let warnings):
            .object([
                "did": "remount", "requestedOptions": Value(texts: options) ?? .object([]), "warnings": .array(warnings.map(Value.string)),
            ])
        case .waitingEnded(let forGood, let mountIDs):
            .object(["did": "endWaiting", "forGood": .bool(forGood), "mountIds": .array(mountIDs.map(Value.integer))])
        case .benched(let report): .object(["did": "bench", "report": report])
        case .swept: .object(["did": "sweep"])
        case .failed(let cause): .object(["did": "fail", "cause": cause.value])
        }
    }

    private enum Verb: String, CaseIterable {
        case attach, detach, probe, explain, examine, remount, endWaiting, bench, sweep, renew, lay, fail
    }

    /// Reads an outcome back.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value) throws(FieldProblem) {
        var fields = try Fields(value, at: "")
        guard let verb = try fields.word("did", of: Verb.self) else { throw FieldProblem(path: "did", message: "is missing") }
        switch verb {
        case .attach:
            self = .attached(
                mountID: try fields.count("mountId"), requestedOptions: try fields.texts(of: "requestedOptions"),
                warnings: try fields.texts("warnings") ?? [], view: try fields.view())
        case .detach: self = .detached(stillInUse: try fields.truth("stillInUse") ?? false)
        case .probe:
            guard let capacity = fields.take("capacity") else { throw FieldProblem(path: "capacity", message: "is missing") }
            self = .probed(
                latencyMicroseconds: try fields.count("latencyMicroseconds"), try ShareStatus.Capacity(capacity, at: "capacity"),
                readAheadWas: try fields.number("readAheadWas", in: 0...Int64.max), view: try fields.viewReading())
        case .lay:
            guard let view = try fields.view() else { throw FieldProblem(path: "view", message: "is missing") }
            self = .laid(view)
        case .examine: self = .examined
        case .renew: self = .renewed
        case .explain:
            guard let told = fields.take("explanation") else { throw FieldProblem(path: "explanation", message: "is missing") }
            self = .explained(try Explanation(told, at: "explanation"))
        case .remount:
            self = .remounted(
                requestedOptions: try fields.texts(of: "requestedOptions"), warnings: try fields.texts("warnings") ?? [])
        case .endWaiting:
            self = .waitingEnded(
                forGood: try fields.truth("forGood") ?? false, mountIDs: (try fields.list("mountIds") ?? []).compactMap(\.number))
        case .bench:
            guard let report = fields.take("report") else { throw FieldProblem(path: "report", message: "is missing") }
            self = .benched(report)
        case .sweep: self = .swept
        case .fail:
            guard let cause = fields.take("cause") else { throw FieldProblem(path: "cause", message: "is missing") }
            self = .failed(try Cause(cause, at: "cause"))
        }
    }
}

extension Credential {
    private enum Kind: String, CaseIterable { case password, key }

    /// As `credentials.get` answers: `{kind:"password", username, domain?, password}` or `{kind:"key", username?, key}`. Holds the
    /// secret in the clear: for descriptors only.
    public var value: Value {
        switch self {
        case .password(let username, let domain, let password):
            .object(["kind": "password", "username": .string(username), "domain": .text(domain), "password": .string(password.clearText)])
        case .key(let username, let key):
            .object(["kind": "key", "username": .text(username), "key": .string(key.clearText)])
        }
    }

    /// Reads a credential.
    /// - Throws: `FieldProblem` that repeats nothing of what was there: in a muddled answer the secret may stand anywhere, even as a key.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        do throws(FieldProblem) {
            try self.init(reading: value, at: path)
        } catch {
            throw FieldProblem(path: path, message: "is none: it wants kind (password or key), username and the secret, all as texts")
        }
    }

    private init(reading value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        switch try fields.word("kind", of: Kind.self) ?? .password {
        case .password:
            self = .password(
                username: try fields.requiredText("username"), domain: try fields.text("domain"),
                password: Secret(copying: (try fields.text("password") ?? "").utf8))
        case .key:
            self = .key(username: try fields.text("username"), Secret(copying: try fields.requiredText("key").utf8))
        }
        try fields.end()
    }
}

extension Secret {
    /// The bytes as JSON text; secrets come in as JSON texts, so they are UTF-8.
    fileprivate var clearText: String {
        unsafe withBytes { bytes in unsafe String(decoding: bytes, as: UTF8.self) }
    }
}
