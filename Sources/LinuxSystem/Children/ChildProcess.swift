import CLinux
import Glibc

/// A process that this one started, held by a pidfd: it can be signalled and reaped without ever meaning another process.
///
/// It runs in a process group of its own, so that helpers it starts (mount.nfs, mount.glusterfs) can be ended with it. A child that cannot
/// end (stuck in the kernel) is simply kept: `pidfd` becomes readable when it ends after all.
public final class ChildProcess {
    /// The process id, valid until `reap()` has told the exit status.
    public let processID: Int32
    private let handle: OwnedDescriptor
    private var status: ChildExit?

    /// Becomes readable when the process has ended: `loop.watch(child.pidfd, events: .readable) { … }`.
    public var pidfd: CInt { handle.rawValue }

    private init(processID: Int32, handle: consuming OwnedDescriptor) {
        self.processID = processID
        self.handle = handle
    }

    deinit {
        // An ended child that nobody asked about must not stay a zombie; one that still runs becomes init's business.
        _ = try? reap()
    }

    /// The first number a child's own descriptors are mapped to.
    public static let firstDescriptor: CInt = 3

    /// Starts `executable`, without a copy of this process in between (posix_spawn), so that it is cheap and safe with threads.
    ///
    /// Every descriptor that is not named here is closed; all signals have their default action and
    /// none is blocked.
    /// - Parameters:
    ///   - executable: an absolute path.
    ///   - arguments: all of argv, the name included. Never secrets: everybody can read them.
    ///   - descriptors: what the child finds as 3, 4, … in this order. They are duplicated; the caller keeps its own.
    ///   - standardInput: what the child reads from as 0; nil for /dev/null.
    ///   - standardOutput: what the child writes to as 1; nil for /dev/null.
    ///   - standardError: what the child writes to as 2; nil for this process's own.
    /// - Throws: `posix_spawn` with ENOENT, EACCES, … where the program cannot be executed.
    public static func spawn(
        _ executable: [UInt8], arguments: [[UInt8]], environment: ChildEnvironment = .clean, descriptors: [CInt] = [],
        standardInput: CInt? = nil, standardOutput: CInt? = nil, standardError: CInt? = nil
    ) throws(SystemCallError) -> ChildProcess {
        let firstFree = firstDescriptor + CInt(descriptors.count)
        // Above the numbers that the child will use, so that mapping one never overwrites another that is still to be mapped.
        var lifted = LiftedDescriptors()
        var sources: [CInt] = []
        for descriptor in descriptors { sources.append(try lifted.lift(descriptor, above: firstFree)) }
        let input = if let standardInput { try lifted.lift(standardInput, above: firstFree) } else { CInt?.none }
        let output = if let standardOutput { try lifted.lift(standardOutput, above: firstFree) } else { CInt?.none }
        let errors = try lifted.lift(standardError ?? STDERR_FILENO, above: firstFree)

        var recipe = try SpawnRecipe()
        if let input { try recipe.map(input, to: STDIN_FILENO) } else { try recipe.openNull(as: STDIN_FILENO, O_RDONLY) }
        if let output { try recipe.map(output, to: STDOUT_FILENO) } else { try recipe.openNull(as: STDOUT_FILENO, O_WRONLY) }
        try recipe.map(errors, to: STDERR_FILENO)
        for (index, source) in sources.enumerated() { try recipe.map(source, to: firstDescriptor + CInt(index)) }
        try recipe.closeAll(from: firstFree)

        let id = try recipe.spawn(executable, arguments: arguments, environment: environment.entries)
        // The child cannot be reaped by anybody else meanwhile, so its number still means it.
        let handle: CInt
        do throws(SystemCallError) {
            handle = try systemCall("pidfd_open") { shareagent_pidfd_open(id) }
        } catch {
            // Out of descriptors: without a handle nobody could ever watch the child, so it must not live.
            kill(id, SIGKILL)
            _ = waitpid(id, nil, 0)
            throw error
        }
        return ChildProcess(processID: id, handle: OwnedDescriptor(adopting: handle))
    }

    /// Sends a signal to the process and nothing else; one that has ended already is left in peace.
    public func signal(_ signal: CInt) throws(SystemCallError) {
        guard status == nil else { return }
        let descriptor = pidfd
        do throws(SystemCallError) {
            try systemCall("pidfd_send_signal") { shareagent_pidfd_signal(descriptor, signal) }
        } catch  where error.errno == ESRCH {
            // Ended, not reaped yet.
        }
    }

    /// Sends a signal to the process and to all helpers it started that are still in its process group.
    public func signalGroup(_ signal: CInt) throws(SystemCallError) {
        // Until it is reaped the number of the group cannot be given to anybody else.
        guard status == nil else { return }
        let group = processID
        do throws(SystemCallError) {
            try systemCall("kill") { kill(-group, signal) }
        } catch  where error.errno == ESRCH {
            // Nobody of the group is left.
        }
    }

    /// Ends the process and its helpers with SIGKILL, which only what hangs in the kernel outlives.
    public func killGroup() throws(SystemCallError) {
        try signalGroup(SIGKILL)
    }

    /// How the process ended; nil while it has not. Never waits. After the first answer the same one is given again.
    public func reap() throws(SystemCallError) -> ChildExit? {
        if let status { return status }
        var exited: CInt = 0
        var number: CInt = 0
        let descriptor = pidfd
        let answer = try systemCall("waitid") { unsafe shareagent_reap(descriptor, &exited, &number) }
        guard answer == 1 else { return nil }
        let ended = exited != 0 ? ChildExit.exited(number) : .signaled(number)
        status = ended
        return ended
    }

    /// What the process is doing, for the report on one that is stuck; nil when it is gone.
    public func activity() -> ProcessActivity? {
        status == nil ? ProcessActivity.read(processID) : nil
    }
}

/// Duplicates with high numbers, closed again when the spawning is done.
private struct LiftedDescriptors: ~Copyable {
    private var numbers: [CInt] = []

    mutating func lift(_ descriptor: CInt, above first: CInt) throws(SystemCallError) -> CInt {
        let copy = try systemCall("fcntl") { fcntl(descriptor, F_DUPFD_CLOEXEC, first) }
        numbers.append(copy)
        return copy
    }

    deinit {
        for number in numbers { _ = close(number) }
    }
}
