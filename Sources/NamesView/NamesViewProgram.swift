import CFuse
import FileNames
import FuseKernel
import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// The body of `share-names-view`: one view, from its mount to its end.
///
/// Once the view stands it says so in one line on stdout; whoever supervises it waits for that. SIGINT and SIGTERM unmount it; where it is
/// in use, lazily, and programs that have files open may go on for ten seconds, or until the second signal.
public enum NamesViewProgram {
    private static let usage =
        "usage: share-names-view SOURCE TARGET [--policy JSON] [--descriptors COUNT] [--state FILE] [--replace gently|now] [--json]"

    /// Runs the view.
    /// - Parameter arguments: those of the program, its name left out.
    /// - Returns: the exit status: 0 after the view was unmounted, 1 when it could not be mounted, 64 for wrong use.
    public static func run(_ arguments: [String]) -> Int32 {
        guard let wish = Wish(arguments) else {
            say(usage, to: 2)
            return 64
        }
        let policy: NamesPolicy
        do throws(Cause) {
            policy = try Self.policy(wish.policy)
        } catch {
            return complain(error, wish, status: 64)
        }
        do throws(Cause) {
            let limit = raiseDescriptorLimit()
            // What is written here is somebody's, and not root's.
            _ = shareagent_drop_reserve()
            // The other half is for files that are open.
            let most = min(wish.descriptors ?? standardDescriptors, max(16, limit / 2))
            return try serve(wish, policy, mostDescriptors: most)
        } catch {
            return complain(error, wish, status: 1)
        }
    }

    /// How many nodes whose files are not open hold a descriptor: each pins an inode of the source in the kernel's memory.
    static let standardDescriptors = 16_384
    private static let grace = Duration.seconds(10)

    private struct Wish {
        var paths: [[UInt8]] = []
        var policy = "{}"
        var descriptors: Int?
        var state: String?
        var replacing: ViewMount.Replacement?
        var isJSON = false

        init?(_ arguments: [String]) {
            var rest = arguments[...]
            while let word = rest.popFirst() {
                switch word {
                case "--json": isJSON = true
                case "--policy":
                    guard let value = rest.popFirst() else { return nil }
                    policy = value
                case "--state":
                    guard let value = rest.popFirst() else { return nil }
                    state = value
                case "--replace":
                    guard let value = rest.popFirst().flatMap(ViewMount.Replacement.init) else { return nil }
                    replacing = value
                case "--descriptors":
                    guard let value = rest.popFirst().flatMap({ Int($0) }), value > 0 else { return nil }
                    descriptors = value
                default:
                    guard !word.hasPrefix("--") else { return nil }
                    paths.append(Array(word.utf8))
                }
            }
            guard paths.count == 2, paths.allSatisfy({ !$0.isEmpty }) else { return nil }
        }
    }

    private static func policy(_ text: String) throws(Cause) -> NamesPolicy {
        let value: Value
        do throws(JSONProblem) {
            value = try StrictJSON.parse(Array(text.utf8))
        } catch {
            throw Cause(
                .shareInvalid, "the policy is not JSON", evidence: ["\(error)"], remedy: ["give an object such as {\"form\": \"nfc\"}"])
        }
        return try NamesPolicy(value)
    }

    private static func serve(_ wish: Wish, _ policy: NamesPolicy, mostDescriptors: Int) throws(Cause) -> Int32 {
        // Requests bring their umask; a reader that has gone is an errno.
        umask(0)
        signal(SIGPIPE, SIG_IGN)
        do throws(SystemCallError) {
            let loop = try EventLoop()
            // Before there is any thread: each inherits what is blocked.
            var view: ViewMount?
            var signals = 0
            var status: Int32 = 0
            for number in [SIGINT, SIGTERM] {
                try loop.onSignal(number) { _ in
                    signals += 1
                    if signals > 1 || view?.takeAway() == nil {
                        status = signals > 1 ? 1 : 0
                        loop.stop()
                    } else {
                        _ = loop.after(grace) {
                            status = 1
                            loop.stop()
                        }
                    }
                }
            }
            let mounted: ViewMount
            do throws(Cause) {
                mounted = try ViewMount(
                    source: wish.paths[0], target: wish.paths[1], policy: policy, mostDescriptors: mostDescriptors,
                    replacing: wish.replacing)
            } catch {
                return complain(error, wish, status: 1)
            }
            view = mounted
            _ = try loop.watch(mounted.over, events: .readable, edge: false) { _ in loop.stop() }
            if let path = wish.state { try keepState(path, mounted, wish, loop) }
            ServiceNotifier().notify("READY=1")
            say(
                "\(String(printing: wish.paths[0])) is shown at \(String(printing: wish.paths[1])): encoding \(policy.charset.rawValue), "
                    + "form \(policy.form?.rawValue ?? "asis"), Unicode \(NormalForm.unicodeVersion)", to: 1)
            try loop.run()
            return status
        } catch {
            throw Cause(.internalError, "the view's loop failed", evidence: [error.description], errno: error.name)
        }
    }

    /// Writes who and where it is, and from time to time how many names needed it.
    private static func keepState(_ path: String, _ mounted: ViewMount, _ wish: Wish, _ loop: EventLoop) throws(SystemCallError) {
        guard let target = try? Target(validating: wish.paths[1]) else { return }
        let process = ProcessMark(id: getpid(), started: OtherProcess.start(of: getpid()) ?? 0)
        let file = ViewStateFile(
            path: path, view: StandingView(at: target, mountID: Int64(clamping: mounted.mountID), process: process), rules: wish.policy)
        let tally = ViewTally.shared
        try file.write(names: tally.take())
        guard tally.changed >= 0 else { return }
        var isDue = false
        _ = try loop.watch(tally.changed, events: .readable) { _ in
            guard !isDue else { return }
            isDue = true
            _ = loop.after(ViewStateFile.pause) {
                isDue = false
                if file.isOurs { try? file.write(names: tally.take()) }
            }
        }
    }

    /// As many descriptors as the kernel lets this process have; how many that is.
    private static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        var wished = limit
        wished.rlim_max = max(limit.rlim_max, 1 << 20)
        wished.rlim_cur = wished.rlim_max
        if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &wished) == 0 { return Int(clamping: wished.rlim_cur) }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    private static func complain(_ cause: Cause, _ wish: Wish, status: Int32) -> Int32 {
        say("shareagent: \(cause.message)".printable, to: 2)
        say("  why:    \(cause.evidence.joined(separator: "; "))".printable, to: 2)
        say("  remedy: \(cause.remedy.joined(separator: "; or "))".printable, to: 2)
        if wish.isJSON { say(String(decoding: StrictJSON.bytes(of: .object(["cause": cause.value])), as: UTF8.self), to: 1) }
        return status
    }

    private static func say(_ line: String, to descriptor: CInt) {
        let bytes = Array((line + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }
}
