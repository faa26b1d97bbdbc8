internal import CNameTables

/// A language that the guesser knows letters of, numbered as Tables/letters.py prints them.
enum Language: Int, Sendable, CaseIterable {
    case hans, hant, japanese, korean, russian, ukrainian, bulgarian, french, german, spanish, portuguese, italian, nordic, polish, czech
    case hungarian, southSlavic, romanian, greek, turkish, hebrew, arabic, baltic, vietnamese, thai
}

/// Costs are -16 ln of a frequency, so that sums compare products.
typealias Cost = Int32

/// What each character costs in a language: cheap where it is common.
struct LetterCosts: Sendable {
    /// By character; 255 for those that were not counted.
    private let costs: [UInt8]
    /// 54 of each letter that has them: what a to z and everything else cost before it, then behind it.
    private let neighbours: [UInt32: [Int8]]
    private static let unknown: UInt8 = 255

    init(_ language: Language) {
        let table = unsafe shareagent_language_table()[language.rawValue]
        let count = unsafe Int(table.count)
        var costs = [UInt8](repeating: Self.unknown, count: unsafe Int(table.letters[count - 1]) + 1)
        for index in 0..<count { unsafe costs[Int(table.letters[index])] = table.costs[index] }
        self.costs = costs
        var neighbours: [UInt32: [Int8]] = [:]
        if let rows = unsafe table.neighbours {
            for index in 0..<count {
                neighbours[unsafe UInt32(table.letters[index])] = (0..<Self.sides).map { unsafe rows[index * Self.sides + $0] }
            }
        }
        self.neighbours = neighbours
    }

    /// The cost of a character that was counted.
    @inline(__always)
    func of(_ scalar: UInt32) -> Cost? {
        let index = Int(scalar)
        guard index < costs.count, costs[index] != Self.unknown else { return nil }
        return Cost(costs[index])
    }

    /// Two times a to z and everything else.
    static let sides = 54

    /// What neighbours cost; zeros where they were not counted.
    func neighbours(of scalar: UInt32) -> [Int8] { neighbours[scalar] ?? [Int8](repeating: 0, count: Self.sides) }
}
