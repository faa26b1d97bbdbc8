import Glibc
import LinuxSystem
import ShareModel
import ShareWire

extension WorkerProgram {
    /// Reads the request: one line, or all there is.
    /// - Throws: `internal-error`: the daemon and this worker are of one package, so a request that is not understood is a fault.
    static func readRequest() throws(Cause) -> WorkerRequest {
        // There may be a password in it; whatever is freed here is overwritten (CHeap).
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.last != UInt8(ascii: "\n") {
            let count: Int
            do throws(SystemCallError) {
                try waitFor(requestDescriptor, POLLIN)
                count = try systemCall("read") {
                    unsafe room.withUnsafeMutableBytes { unsafe read(requestDescriptor, $0.baseAddress, $0.count) }
                }
            } catch {
                if error.errno == EAGAIN { continue }
                throw misunderstood("the request cannot be read: \(error)")
            }
            if count == 0 { break }
            guard bytes.count + count <= Limits.frameBytes else {
                throw misunderstood("the request is longer than \(Limits.frameBytes) bytes")
            }
            bytes += room[..<count]
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        let value: Value
        do throws(JSONProblem) {
            value = try StrictJSON.parse(bytes)
        } catch {
            throw misunderstood(error.sentence)
        }
        do throws(FieldProblem) {
            return try WorkerRequest(value)
        } catch {
            throw misunderstood(error.sentence)
        }
    }

    private static func misunderstood(_ why: String) -> Cause {
        Cause(
            .internalError, "share-worker does not understand what it is asked: \(why)",
            remedy: ["install daemon and worker of the same version"])
    }

    /// Writes the outcome, however slowly it is read.
    static func write(_ outcome: WorkerOutcome) throws(SystemCallError) {
        var rest = (StrictJSON.bytes(of: outcome.value) + [UInt8(ascii: "\n")])[...]
        while !rest.isEmpty {
            try waitFor(outcomeDescriptor, POLLOUT)
            rest = rest.dropFirst(try writeAvailable(outcomeDescriptor, rest))
        }
    }

    /// Tells what is being done, as one line before the outcome: `{"doing": …}`. Never waits: progress may be lost, time may not.
    static func tell(_ doing: String) {
        let line = StrictJSON.bytes(of: .object(["doing": .string(doing)])) + [UInt8(ascii: "\n")]
        _ = try? writeAvailable(outcomeDescriptor, line[...])
    }

    /// Tells what a check has found, as one line before the outcome: `{"finding": …}`. The daemon reads it at once, or after it has hung.
    static func tell(_ finding: Finding) {
        let line = StrictJSON.bytes(of: .object(["finding": finding.value])) + [UInt8(ascii: "\n")]
        _ = try? writeAvailable(outcomeDescriptor, line[...])
    }

    /// Waits, since the daemon's ends of the pipes do not block and these are the same pipes. It has the deadline.
    private static func waitFor(_ descriptor: CInt, _ event: CInt) throws(SystemCallError) {
        var question = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        try systemCall("poll") { unsafe poll(&question, 1, -1) }
    }
}
