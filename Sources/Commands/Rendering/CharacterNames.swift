import ShareModel

/// Unicode's names of characters, which only this program has room for. They never change once a character has one.
enum CharacterNames {
    /// The explanation of a name with them in it.
    static func added(to explanation: Value) -> Value {
        guard case .object(let members) = explanation else { return explanation }
        return .object(
            members.map { member in
                guard member.key == "characters", let characters = member.value.elements else { return member }
                return .init(member.key, .array(characters.map(named)))
            })
    }

    private static func named(_ character: Value) -> Value {
        guard case .object(let members) = character, let text = character["scalar"]?.text,
            let scalar = UInt32(text.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init), let name = scalar.properties.name
        else { return character }
        return .object(members + [.init("name", .string(name))])
    }
}
