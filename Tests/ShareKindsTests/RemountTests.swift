import ShareKinds
import ShareModel
import Testing

@Suite("What a mount can become while it stands")
struct RemountTests {
    private func remount(_ old: Share, _ new: Share) throws -> MountPlan.Remount {
        try MountPlan.make(old, policy: .standard).remount(as: try MountPlan.make(new, policy: .standard))
    }

    private func refusal(_ old: Share, _ new: Share) -> String? {
        do {
            _ = try remount(old, new)
            return nil
        } catch {
            return (error as? Cause)?.message
        }
    }

    @Test("rights are flags of the mount, for every type; what a default made of them stays as it is")
    func rights() throws {
        for (old, new) in [
            (try nfs(), try nfs([], [.init("access", "ro")])), (try smb(), try smb([], [.init("access", "ro")])),
            (try virtiofs(), try virtiofs([.init("access", "ro")])),
        ] {
            let plan = try remount(old, new)
            #expect(plan.flags.contains(.readOnly))
            #expect(plan.options.isEmpty)
            #expect(plan.requestedOptions["ro"] == "")
        }
        // Read-only shares are given up earlier; the agent keeps that promise, so the mount may keep its timeout.
        let plan = try remount(try nfs(), try nfs([], [.init("access", "ro")]))
        #expect(plan.requestedOptions["timeo"] == "600")
    }

    @Test("options of a server's file system are not changed under a mount, and the one that matters is named")
    func options() throws {
        let changed = try nfs([], [.init("options", .object(["actimeo": "7"]))])
        #expect(refusal(try nfs(), changed)?.contains("'actimeo'") == true)
        #expect(refusal(changed, try nfs())?.contains("'actimeo'") == true)
        #expect(refusal(try nfs(), try nfs([], [.init("giveUpSeconds", 20)]))?.contains("'timeo'") == true)
        #expect(refusal(try nfs(), try nfs([], [.init("profile", "constrained")])) != nil)
        #expect(refusal(try nfs(), try nfs([.init("version", "4.1")]))?.contains("version") == true)
        #expect(
            refusal(try nfs(), try share([.init("type", "nfs"), .init("server", "10.77.0.1"), .init("export", "/other")]))?.contains(
                "source") == true)
        #expect(refusal(try virtiofs(), try virtiofs([.init("target", "/mnt/x")]))?.contains("target") == true)
    }

    @Test("a tmpfs changes its size and the number of its files")
    func size() throws {
        let bigger = try share([.init("type", "tmpfs"), .init("sizeBytes", 67_108_864)])
        #expect(try remount(try tmpfs(), bigger).options.map(\.name) == ["size", "nr_inodes"])
    }

    @Test("read-ahead is written anew, but not back to the kernel's own")
    func readAhead() throws {
        let constrained = try virtiofs([.init("profile", "constrained")])
        #expect(try remount(constrained, try virtiofs()).readAhead?.value == "4096")
        #expect(refusal(try virtiofs(), constrained)?.contains("read-ahead") == true)
    }
}
