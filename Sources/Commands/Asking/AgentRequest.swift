import ShareModel
import ShareWire

/// What the CLI asks of an agent, in its two forms: a method of the control socket, and the arguments of an agent that is started
/// for this one job (`shareagentd --once …`). Both answer with the same JSON.
enum AgentRequest: Equatable {
    case status(names: [ShareName])
    case offered
    case explain(name: ShareName, catalog: LocalCatalog?)
    case attach(names: [ShareName], catalog: LocalCatalog?)
    case detach(names: [ShareName], lazy: Bool)
    case detachAll(lazy: Bool)
    case diagnose(names: [ShareName])
    case bench(ShareName, BenchWish)

    /// The control socket's method.
    var method: ControlMethod {
        switch self {
        case .status: .statusGet
        case .offered: .sharesOffered
        case .explain: .shareExplain
        case .attach: .sharesAttach
        case .detach, .detachAll: .sharesDetach
        case .diagnose: .sharesDiagnose
        case .bench: .shareBench
        }
    }

    /// The method's parameters; `waitMs` is how long the agent may take.
    func params(waitMs: Int64) -> Value {
        switch self {
        case .status(let names): .object(["shares": Self.list(names)])
        case .offered: .object([])
        case .explain(let name, let catalog): .object(["share": .string(name.text), "catalog": catalog?.document])
        case .attach(let names, let catalog):
            .object(["names": Self.list(names), "waitMs": .integer(waitMs), "catalog": catalog?.document])
        case .detach(let names, let lazy):
            .object(["names": Self.list(names), "mode": .string(Self.mode(lazy: lazy)), "waitMs": .integer(waitMs)])
        case .diagnose(let names): .object(["names": Self.list(names), "waitMs": .integer(waitMs)])
        case .bench(let name, let wish): .object([Value.Member("share", .string(name.text))] + wish.members)
        case .detachAll(let lazy): .object(["all": true, "mode": .string(Self.mode(lazy: lazy)), "waitMs": .integer(waitMs)])
        }
    }

    /// The catalog that goes with it, which an agent of its own reads from its standard input.
    var catalog: LocalCatalog? {
        switch self {
        case .explain(_, let catalog), .attach(_, let catalog): catalog
        case .status, .offered, .detach, .detachAll, .diagnose, .bench: nil
        }
    }

    /// The arguments after `shareagentd`.
    func onceArguments(waitMs: Int64, channel: String?) -> [String] {
        let wait = ["--wait-ms", String(waitMs)]
        let place = channel.map { ["--channel", $0] } ?? []
        let from = catalog == nil ? [] : ["--from", "-"]
        return switch self {
        case .status(let names): ["--once", "status"] + wait + names.map(\.text)
        case .offered: ["--once", "list"] + wait + place
        case .explain(let name, _): ["--once", "explain"] + wait + place + from + [name.text]
        case .attach(let names, _): ["--once", "attach"] + wait + place + from + names.map(\.text)
        case .detach(let names, let lazy): ["--once", "detach"] + wait + (lazy ? ["--lazy"] : []) + names.map(\.text)
        case .diagnose(let names): ["--once", "doctor"] + wait + place + names.map(\.text)
        case .bench(let name, let wish):
            ["--once", "bench"] + wait
                + ["--bench", String(decoding: StrictJSON.bytes(of: .object(wish.members)), as: UTF8.self), name.text]
        case .detachAll(let lazy): ["--once", "detach"] + wait + (lazy ? ["--lazy"] : []) + ["--all"]
        }
    }

    /// An empty list means all; it is left out.
    private static func list(_ names: [ShareName]) -> Value? {
        names.isEmpty ? nil : .array(names.map { .string($0.text) })
    }

    private static func mode(lazy: Bool) -> String {
        lazy ? "lazy" : "normal"
    }
}
