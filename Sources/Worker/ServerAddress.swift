import Glibc
import LinuxSystem
import ShareKinds
import ShareModel

/// A server's address, found out and allowed, and what a TCP connection to its port says.
struct ServerAddress {
    let address: Address
    let port: UInt16
    let connection: ConnectionProbe

    /// How long a server may take to accept a connection and answer a greeting. With mounting itself it has to fit into the
    /// deadline that the daemon gives an attach.
    static let patience = Duration.seconds(8)
    /// How long all of a name's addresses may take together.
    static let wholePatience = Duration.seconds(12)
    /// How many of a name's addresses are tried.
    static let attempts = 4

    /// Resolves the server, asks the policy about each address, and takes the first one that accepts a connection.
    /// - Throws: the cause, when no address is found or allowed, or none answers: then mounting would only take longer to say so.
    init(for plan: MountPlan, need: MountPlan.AddressNeed, policy: Policy, within whole: Duration = wholePatience) throws(Cause) {
        port = need.port
        let all = try Self.addresses(of: need.server, plan).sorted { plan.prefersVersion4 && $0.bytes.count < $1.bytes.count }
        let allowed = all.filter { Self.allows($0, policy) }
        guard !allowed.isEmpty else {
            throw Cause(
                .sourceRefused,
                "share '\(plan.share)': server \(need.server) has the address \(all.map(\.text).joined(separator: ", ")), which is not allowed in this guest",
                remedy: ["add it to policy.servers in /etc/shareagent/agent.yaml, or mend the name's address"])
        }
        var failure: (address: Address, reading: Reading)?
        let tried = allowed.prefix(Self.attempts)
        let share = min(Self.patience, whole / tried.count)
        for address in tried {
            guard let reading = Self.probe(address, need, within: share) else { continue }
            if reading.probe == .connected {
                self.address = address
                connection = .connected
                return
            }
            failure = failure ?? (address, reading)
        }
        guard let failure else {
            throw Cause(
                .nameResolutionFailed, "share '\(plan.share)': server \(need.server) has no address",
                remedy: ["getent hosts \(need.server)"])
        }
        throw plan.cause(
            unreachable: failure.address.text, errnoName: failure.reading.error.name,
            errnoText: failure.reading.error.text, connection: failure.reading.probe)
    }

    /// What a connection attempt said, and the errno that stands for it.
    struct Reading {
        let probe: ConnectionProbe
        let error: SystemCallError
    }

    /// Connects to a port and hangs up; nil for an address that is none to the kernel.
    static func probe(_ address: Address, _ need: MountPlan.AddressNeed, within patience: Duration = patience) -> Reading? {
        guard let place = IPAddress(bytes: address.bytes, scope: address.zone) else { return nil }
        func reading(_ probe: ConnectionProbe, _ errno: CInt) -> Reading {
            Reading(probe: probe, error: SystemCallError(call: "connect", errno: errno))
        }
        return
            switch probeConnect(
                place, port: need.port, greeting: need.greeting, expected: need.expected, deadline: .now() + patience)
        {
        case .connected: reading(.connected, 0)
        case .refused: reading(.refused, ECONNREFUSED)
        case .timedOut: reading(.timedOut, ETIMEDOUT)
        case .silent: reading(.silent, ETIMEDOUT)
        case .declined: reading(.declined, EPROTONOSUPPORT)
        case .unreachable(let error), .failed(let error): Reading(probe: .unreachable(error.text), error: error)
        }
    }

    private static func addresses(of server: String, _ plan: MountPlan) throws(Cause) -> [Address] {
        if let address = Address(server) { return [address] }
        // The parent's deadline bounds the asking anyway; this leaves time for an answer that says what is wrong.
        _ = unsafe setenv("RES_OPTIONS", "timeout:2 attempts:2", 1)
        let found: [IPAddress]
        do throws(ResolutionError) {
            found = try resolve(server)
        } catch {
            throw Cause(
                .nameResolutionFailed, "share '\(plan.share)': \(error)",
                remedy: ["getent hosts \(server)", "name the server by its address, or add it to /etc/hosts"])
        }
        return found.compactMap { Address(bytes: $0.bytes, zone: $0.scope) }
    }

    /// A rule that is a name was asked with the share's own words already. Rules about addresses hold for what the name
    /// leads to as well, so that nobody gets round them by a name of their own.
    static func allows(_ address: Address, _ policy: Policy) -> Bool {
        guard let servers = policy.servers else { return true }
        let rules = servers.filter { Address(String($0.prefix { $0 != "/" })) != nil }
        return rules.isEmpty || rules.contains { ServerRule($0).admits(address.text) }
    }
}
