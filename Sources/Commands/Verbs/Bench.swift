import ArgumentParser
import ShareModel

/// `shareagent bench`: how fast a share is, and whether another profile would be faster.
struct Bench: AgentCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure an attached share, and compare profiles.",
        discussion: """
            Reads, writes, small files, listing and the time of one operation, within a bounded time and space, in a directory of its own that is \
            removed again. A share that cannot be written to is measured by reading what lies on it.
            """)

    @Argument(help: ArgumentHelp("The share to measure.", valueName: "name"), completion: NameCompletion.kind)
    var name: NameArgument

    @Option(
        help: ArgumentHelp(
            "Compare these profiles (--compare=PROFILE,PROFILE…; --compare alone: all) with the share's own, on mounts that nobody else sees.",
            valueName: "profiles"),
        completion: .list(CompareArgument.words))
    var compare: CompareArgument?

    @Option(help: WaitArgument.help("How long measuring may take; each compared profile as long again."))
    var time = WaitArgument(milliseconds: BenchOrder.Limits.standardTimeMs)

    @Option(help: ArgumentHelp("How much may be written, and never more than a tenth of what is free.", valueName: "size"))
    var space = SizeArgument(bytes: BenchOrder.Limits.standardSpaceBytes)

    @OptionGroup var common: CommonOptions

    var wantsJSON: Bool { common.json }

    /// `--compare` alone as `--compare=all`: with the parser's own optional values a share's name behind it could be taken for one, and
    /// a wrong value for none.
    static func spelledOut(_ arguments: [String]) -> [String] {
        guard arguments.first == configuration.commandName ?? _commandName else { return arguments }
        let end = arguments.firstIndex(of: "--") ?? arguments.count
        return arguments[..<end].map { $0 == "--compare" ? "--compare=\(CompareArgument.allWord)" : $0 } + arguments[end...]
    }

    func validate() throws {
        guard BenchOrder.Limits.timeMs.contains(time.milliseconds) else { throw ValidationError("--time is from 1s to 5m.") }
        guard BenchOrder.Limits.spaceBytes.contains(space.bytes) else { throw ValidationError("--space is from 1M to 4G.") }
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let wish = BenchWish(timeMs: time.milliseconds, spaceBytes: space.bytes, profiles: compare?.profiles)
        let answer = try program.access(common, channel: nil, waitMs: wish.patienceMs).bench(name.name, wish)
        if common.json {
            program.console.print(answer)
        } else {
            program.console.print(BenchText.lines(answer, on: program.console.out))
        }
        return .done
    }
}

/// What is asked of a bench.
struct BenchWish: Equatable {
    let timeMs: Int64
    let spaceBytes: Int64
    /// Profiles to compare with the share's own; empty: all; nil: none.
    let profiles: [Share.Profile]?

    /// How long the agent may take to answer: it notices by itself when a share hangs, so this is only for an agent that does.
    var patienceMs: Int64 {
        let passes = profiles.map { $0.isEmpty ? Share.Profile.allCases.count + 1 : $0.count + 2 } ?? 1
        return timeMs * Int64(passes) + Self.mountingMs * Int64(passes * 3) + Self.mountingMs
    }

    /// For one mount, or for one operation that hangs until the agent notices.
    private static let mountingMs: Int64 = 20_000

    /// The parameters of `share.bench` but the name.
    var members: [Value.Member] {
        [.init("timeMs", .integer(timeMs)), .init("spaceBytes", .integer(spaceBytes))]
            + (profiles.map { [.init("compare", .array($0.map { .string($0.rawValue) }))] } ?? [])
    }
}

/// Profiles as typed: `throughput,metadata`, or `all`.
struct CompareArgument: ExpressibleByArgument, Equatable {
    /// Those to compare; empty: all.
    let profiles: [Share.Profile]

    static let allWord = "all"
    static let words = [allWord] + Share.Profile.allCases.map(\.rawValue)

    init?(argument: String) {
        if argument == Self.allWord {
            profiles = []
            return
        }
        var profiles: [Share.Profile] = []
        for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let profile = Share.Profile(rawValue: String(word)) else { return nil }
            if !profiles.contains(profile) { profiles.append(profile) }
        }
        self.profiles = profiles
    }
}

/// An amount of bytes as typed: `64M`, `1G`, `500K`, `1048576`.
struct SizeArgument: ExpressibleByArgument, Equatable {
    let bytes: Int64

    init?(argument: String) {
        let units: [(suffix: String, bytes: Int64)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30), ("", 1),
        ]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }) else { return nil }
        let digits = argument.dropLast(unit.suffix.utf8.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits) else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    init(bytes: Int64) {
        self.bytes = bytes
    }

    var defaultValueDescription: String { "\(bytes >> 20)M" }
}
