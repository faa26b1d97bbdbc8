/// One option of a mount, with the reason for it: what `explain` shows and status calls requested.
public struct TunedOption: Hashable, Sendable {
    /// Who chose it; a later one wins over an earlier one.
    public enum Origin: String, CaseIterable, Sendable {
        /// The project's choice for this type of source.
        case standard = "default"
        /// The share's profile.
        case profile
        /// The share itself.
        case share
        /// The guest's policy.
        case policy
    }

    /// The name as the kernel knows it.
    public let name: String
    /// The value; nil for a flag.
    public let value: String?
    /// The value as a number, where it is one.
    public var number: Int64? { value.flatMap { Int64($0) } }
    /// Who chose it.
    public let origin: Origin
    /// Why, in one clause without a full stop.
    public let why: String
    /// The row of the type's tuning table that it comes from; nil where share or policy said it in words of their own.
    public let basis: Basis?

    /// What a tuned option rests on.
    public struct Basis: Hashable, Sendable {
        /// The kernel that has it first: `5.2`; nil where every supported kernel (6.1 and newer) has it. For people: what decides is
        /// asking the running kernel.
        public let since: String?
        /// Where the reason comes from: a kernel source file, a man page, a measurement.
        public let fact: String
        /// Whether it protects this guest: then a kernel that does not take it does not get the share.
        public var isProtection = false
    }

    /// An option.
    public init(_ name: String, _ value: String?, _ origin: Origin, why: String, basis: Basis? = nil) {
        self.name = name
        self.value = value
        self.origin = origin
        self.why = why
        self.basis = basis
    }

    /// `name=value`, or `name` alone for a flag.
    public var spelling: String {
        value.map { "\(name)=\($0)" } ?? name
    }
}
