import ShareModel

/// The options of one plan while it is put together: each put replaces what stood there of the same group, so that the
/// last word wins: default, profile, share, policy.
struct OptionList {
    private(set) var options: [TunedOption] = []
    private let groups: [String: String]

    init(natives: [NativeOption]) {
        groups = Dictionary(natives.map { ($0.name, $0.group) }, uniquingKeysWith: { first, _ in first })
    }

    private func group(of name: String) -> String { groups[name] ?? name }

    /// Sets an option.
    mutating func put(_ option: TunedOption) {
        let group = group(of: option.name)
        if let index = options.firstIndex(where: { self.group(of: $0.name) == group }) {
            options[index] = option
            options.replaceSubrange((index + 1)..., with: options[(index + 1)...].filter { self.group(of: $0.name) != group })
        } else {
            options.append(option)
        }
    }

    /// Sets several members of one group, such as `rsize` and `wsize`, each for itself.
    mutating func put(_ names: [String], _ value: String? = nil, _ origin: TunedOption.Origin, why: String) {
        for name in names { put(TunedOption(name, value, origin, why: why)) }
    }

    /// Sets a default.
    mutating func tune(_ name: String, _ value: String? = nil, why: String) {
        put(TunedOption(name, value, .standard, why: why))
    }

    /// Sets what the share's profile wants.
    mutating func profile(_ name: String, _ value: String? = nil, why: String) {
        put(TunedOption(name, value, .profile, why: why))
    }

    /// Sets what the share says in a field of its own.
    mutating func share(_ name: String, _ value: String? = nil, why: String) {
        put(TunedOption(name, value, .share, why: why))
    }

    /// Takes an option away.
    mutating func remove(_ name: String) {
        options.removeAll { $0.name == name }
    }

    subscript(_ name: String) -> TunedOption? {
        options.first { $0.name == name }
    }
}
