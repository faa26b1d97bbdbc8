import ShareModel

/// An explanation as text: what it is about, the options with a reason under each, what was agreed upon, and the way by hand.
extension Explanation {
    /// The lines, without line ends.
    func lines(on screen: Screen) -> [String] {
        var lines = heading(on: screen)
        if let cause {
            let problem = Problem(
                title: "\(name.printable): \(state?.rawValue ?? "not attached") (\(cause.code.rawValue))", what: cause.message,
                why: cause.evidence, remedy: cause.remedy)
            lines += [""] + problem.lines(on: screen)
        }
        lines += section("options", optionLines(on: screen), on: screen)
        lines += section("agreed with the kernel and the server", factLines(on: screen), on: screen)
        lines += section(
            "by hand", commands.map { "  " + $0.printable } + needs.flatMap { wrapped("needs: " + $0, on: screen) }, on: screen)
        lines += section("worth knowing", warnings.flatMap { wrapped($0, on: screen) }, on: screen)
        return lines
    }

    private func heading(on screen: Screen) -> [String] {
        let pairs = [
            ("share", name), ("source", type.isEmpty ? "" : "\(type) \(source)"), ("target", target),
            ("file system", fstype == type ? "" : fstype), ("profile", profile),
            ("state", (state?.rawValue ?? "") + (mountID.map { "\(state == nil ? "mounted" : ""), mount id \($0)" } ?? "")),
        ].filter { !$0.1.isEmpty }
        let width = pairs.map(\.0.columns).max() ?? 0
        return pairs.map { label, text in
            Style.strong.applied(to: label.padded(to: width, right: false), on: screen) + "  " + text.printable
        }
    }

    private func section(_ title: String, _ body: [String], on screen: Screen) -> [String] {
        body.isEmpty ? [] : ["", Style.strong.applied(to: title, on: screen)] + body
    }

    private static func columns(isAttached: Bool) -> [Column] {
        [Column(title: "  OPTION", isFlexible: true), Column(title: isAttached ? "ASKED FOR" : "VALUE", isFlexible: true)]
            + (isAttached ? [Column(title: "IN FORCE", isFlexible: true)] : []) + [Column(title: "FROM")]
    }

    private func optionLines(on screen: Screen) -> [String] {
        guard !options.isEmpty else { return [] }
        let isAttached = mountID != nil
        let rows = options.map { option in
            let inForce = Cell(
                option.effective.map { Self.shown($0) } ?? (option.difference == nil ? "not shown" : nil),
                option.difference == nil ? nil : .doubtful)
            return [Cell("  " + option.name.printable), Cell(option.requested.map { Self.shown($0) })] + (isAttached ? [inForce] : [])
                + [Cell(option.origin.rawValue)]
        }
        let table = Table(columns: Self.columns(isAttached: isAttached), rows: rows).lines(on: screen)
        var lines = [table[0]]
        for (row, option) in zip(table.dropFirst(), options) {
            lines.append(row)
            lines += wrapped(option.why + (option.since.map { " (since Linux \($0))" } ?? ""), by: 6, on: screen)
            if let difference = option.difference { lines += wrapped("differs: " + difference, by: 6, on: screen) }
        }
        return lines
    }

    /// A flag has no value.
    private static func shown(_ value: String) -> String { value.isEmpty ? "yes" : value.printable }

    private func factLines(on screen: Screen) -> [String] {
        let width = negotiated.map(\.name.columns).max() ?? 0
        return negotiated.flatMap { fact in
            ["  " + fact.name.printable.padded(to: width, right: false) + "  " + fact.state.printable]
                + (fact.note.map { wrapped($0, by: 6, on: screen) } ?? [])
        }
    }

    private func wrapped(_ text: String, by indent: Int = 2, on screen: Screen) -> [String] {
        let room = screen.width.map { max($0 - indent, Table.minimumColumns) }
        return text.printable.wrapped(to: room).map { String(repeating: " ", count: indent) + $0 }
    }
}
