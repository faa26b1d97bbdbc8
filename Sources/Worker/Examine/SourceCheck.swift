import LinuxSystem
import ShareKinds
import ShareModel

/// Whether what a share is mounted from is there: a server that answers, a device with the tag, an image with a file system.
struct SourceCheck {
    let order: Examination
    let plan: MountPlan
    let policy: Policy

    func run() {
        do throws(Cause) {
            guard let finding = try look() else { return }
            WorkerProgram.tell(finding)
        } catch {
            WorkerProgram.tell(Finding(.source, .failed, cause: error))
        }
    }

    /// nil where there is nothing to look for.
    private func look() throws(Cause) -> Finding? {
        if !plan.addresses.isEmpty { return Finding(.source, .ok, note: try servers()) }
        switch order.share.source {
        case .virtiofs: return tagged("virtiofs", plan.source, DeviceTags.read().virtiofs)
        case .ninep: return tagged("9p", plan.source, DeviceTags.read().ninep)
        case .image(let image):
            // A disk in use is not looked at a second time.
            guard !order.isAttached else { return Finding(.source, .ok, note: image.location.spelling) }
            let found = try ImageDevice.find(image, for: order.share, attachedTargets: order.attachedTargets, policy: policy)
            return Finding(.source, .ok, note: "\(image.location.spelling) holds \(found.filesystem)")
        case .tmpfs, .nfs, .smb, .cephfs, .glusterfs: return nil
        }
    }

    private func servers() throws(Cause) -> String {
        let begin = MonotonicTime.now()
        let reached = try ServerAddress.reached(by: plan, policy: policy)
        let took = ExamineTask.words(microseconds: (MonotonicTime.now() - begin).wholeNanoseconds / 1000)
        let places = reached.map { "\($0.address.text) port \($0.port)" }.joined(separator: ", ")
        let others = plan.addresses.count - reached.count
        return "\(places): answered after \(took)" + (others > 0 ? "; \(others) of \(plan.addresses.count) servers were not reached" : "")
    }

    private func tagged(_ kind: String, _ tag: [UInt8], _ shown: [[UInt8]]) -> Finding? {
        let name = String(printing: tag)
        if shown.contains(tag) { return Finding(.source, .ok, note: "a \(kind) device has the tag '\(name)'") }
        // Linux 6.1 shows no virtiofs tags; then mounting is what tells.
        guard !shown.isEmpty || (kind == "virtiofs" && directoryExists("/sys/fs/virtiofs")) else {
            return order.isAttached
                ? nil : Finding(.source, .skipped, note: "the kernel shows no tags of \(kind) devices, or there are none")
        }
        let tags = shown.isEmpty ? "there are none" : shown.map { String(printing: $0) }.joined(separator: ", ")
        return Finding(
            .source, .failed,
            cause: Cause(
                .tagNotFound, "share '\(order.share.name)': no \(kind) device of this guest has the tag '\(name)'",
                evidence: ["tags of \(kind) devices: \(tags)"],
                remedy: ["on the host: give the VM a \(kind) device with this tag", "or name the right tag in the share's source"]))
    }
}
