extension ShareStatus {
    /// What becomes of a share's file names, as a clause for people.
    /// - Parameter names: the status' `names`.
    public static func sentence(ofNames names: Value) -> String {
        var rules = ""
        if case .object(let members)? = names["rules"] {
            rules = members.map { "\($0.key) \($0.value.text ?? "")" }.joined(separator: ", ").printable
        }
        let how: String
        switch names["by"]?.text {
        case NamesMeans.view.rawValue: how = sentence(ofView: names["view"])
        case NamesMeans.options.rawValue: how = "by mount options"
        default: how = "nothing is to be done for that"
        }
        return rules.isEmpty ? how : "\(rules): \(how)"
    }

    private static func sentence(ofView view: Value?) -> String {
        guard let view else { return "by a view" }
        let state = view["state"]?.text ?? ""
        let how = state == "standing" ? "by a view" : "by a view, which is \(state.printable)"
        guard let count = view["names"]?.number else { return how }
        return "\(how); \(count == 1 ? "1 name needed it" : "\(count) names needed it") so far"
    }
}
