import ShareModel
import Testing

@Suite("How a share is")
struct ShareStatusTests {
    // `sharehost detach` of a share that is not mounted failed, where `shareagent detach` of it was done.
    @Test("a share is away where nothing of it is mounted, whatever the reason, and not where nobody knows it")
    func away() {
        func status(_ state: ShareState) -> ShareStatus {
            ShareStatus(name: "a", type: "nfs", source: "", target: "", state: state, since: Timestamp(milliseconds: 0), revision: 1)
        }
        var failed = status(.failed)
        #expect(failed.isAway)
        failed.mountID = 9
        #expect(!failed.isAway)
        failed.mountID = nil
        failed.cause = Cause(.shareUnknown, "not offered")
        #expect(!failed.isAway)
        for state in ShareState.allCases where state != .failed {
            #expect(status(state).isAway == [.offered, .detached, .refused].contains(state), "\(state)")
        }
    }
}
