import LinuxSystem
import ShareKinds
import ShareModel

extension ServerAddress {
    /// The addresses of all of a plan's servers that answer, in the plan's order; empty where it has none.
    /// - Throws: the cause, when a server's address is not allowed, or when none of them answers: then the first one's, with what the
    ///   others said as evidence.
    static func reached(by plan: MountPlan, policy: Policy) throws(Cause) -> [ServerAddress] {
        guard plan.addresses.count > 1 else {
            guard let need = plan.addresses.first else { return [] }
            return [try ServerAddress(for: plan, need: need, policy: policy)]
        }
        let deadline = MonotonicTime.now() + wholePatience
        var reached: [ServerAddress] = []
        var failures: [Cause] = []
        for need in plan.addresses {
            // Where one has answered, the others are only asked in passing.
            let left = reached.isEmpty ? wholePatience / plan.addresses.count : .seconds(1)
            guard MonotonicTime.now() < deadline else { break }
            do throws(Cause) {
                reached.append(try ServerAddress(for: plan, need: need, policy: policy, within: left))
            } catch {
                if error.code == .sourceRefused { throw error }
                failures.append(error)
            }
        }
        guard reached.isEmpty, let first = failures.first else { return reached }
        throw Cause(
            first.code, first.message, evidence: first.evidence + failures.dropFirst().flatMap { [$0.message] + $0.evidence },
            remedy: first.remedy, errno: first.errno)
    }
}
