import Glibc
import LinuxSystem
import ShareModel

/// The body of `share-worker`: one request from descriptor 3, one outcome to descriptor 4, then the end.
///
/// It trusts nobody's word: the policy is read from root's files here as well. It may hang for ever inside a file system;
/// whoever started it has the deadline.
public enum WorkerProgram {
    /// Where the request comes from.
    static let requestDescriptor: CInt = 3
    /// Where the outcome goes.
    static let outcomeDescriptor: CInt = 4
    /// Root's files, where nothing else is said.
    static let standardConfiguration = "/etc/shareagent"

    /// Runs the worker.
    /// - Parameter arguments: those of the program, its name left out.
    /// - Returns: the exit status: 0 when an outcome was written, 64 for wrong use, 70 when none could be written.
    public static func run(_ arguments: [String]) -> Int32 {
        guard let configuration = configurationDirectory(arguments) else {
            report("usage: share-worker [--configuration DIR], with a request on descriptor 3 and descriptor 4 for the outcome")
            return 64
        }
        if let problem = harden(keeping: requestDescriptor...outcomeDescriptor) {
            report("share-worker: \(problem)")
            return 70
        }
        let outcome: WorkerOutcome
        do throws(Cause) {
            outcome = try answer(to: try readRequest(), configuration: configuration)
        } catch {
            outcome = .failed(error)
        }
        do throws(SystemCallError) {
            try write(outcome)
            return 0
        } catch {
            report("share-worker: cannot write the outcome: \(error)")
            return 70
        }
    }

    private static func configurationDirectory(_ arguments: [String]) -> String? {
        switch arguments.count {
        case 0: standardConfiguration
        case 2 where arguments[0] == "--configuration": arguments[1]
        default: nil
        }
    }

    private static func answer(to request: WorkerRequest, configuration: String) throws(Cause) -> WorkerOutcome {
        switch request {
        case .attach(let share, let credential, let targets):
            try ViewedAttach(share: share, credential: credential, attachedTargets: targets, policy: try readPolicy(configuration)).run()
        case .renew(let share, let credential, let target, let mountID):
            try RenewTask(share: share, credential: credential, target: target, mountID: mountID, policy: try readPolicy(configuration))
                .run()
        case .detach(let name, let target, let mountID, let lazy, let view):
            try ViewedDetach(share: name, place: target, mountID: mountID, lazy: lazy, view: view).run()
        case .probe(let name, let target, let mountID, let readAhead, let view):
            try ProbeTask(share: name, target: target, mountID: mountID, readAheadKiB: readAhead, view: view).run()
        case .change(let mount, let change):
            switch change {
            case .remount(let share):
                if share.namesMeans == .view {
                    try RemountTask(
                        mount: mount, share: share.placed(at: share.rawPlace), policy: try readPolicy(configuration).admittingRawPlaces
                    ).run()
                } else {
                    try RemountTask(mount: mount, share: share, policy: try readPolicy(configuration)).run()
                }
            case .retire:
                try ViewedDetach(
                    share: mount.share.name, place: mount.target, mountID: mount.mountID, lazy: false, losesNothing: true, view: mount.view
                ).run()
            case .lay(let share, let target, let force):
                .laid(
                    try ViewLaying(share: share, place: mount.target, target: target, policy: try readPolicy(configuration))
                        .lay(over: mount.mountID, force: force))
            case .endWaiting: try EndWaitingTask(mount: mount).run()
            case .replace(let share):
                try ViewedAttach(
                    share: share, credential: nil, attachedTargets: [:], policy: try readPolicy(configuration), replacing: mount
                ).run()
            }
        case .explain(let share, let mountID, let targets):
            try ViewedExplain(share: share, mountID: mountID, attachedTargets: targets, policy: try readPolicy(configuration)).run()
        case .examine(let order): ExamineTask(order: order, configuration: configuration).run()
        case .bench(let order, let credential):
            try BenchTask(order: order, credential: credential, policy: try readPolicy(configuration)).run()
        case .sweep(let name, let target, let mountID, let mark):
            try SweepTask(share: name, target: target, mountID: mountID, mark: mark).run()
        }
    }

    private static func report(_ line: String) {
        try? writeAll(STDERR_FILENO, Array("\(line)\n".utf8))
    }
}
