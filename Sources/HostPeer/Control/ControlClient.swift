import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// Asks a running sharehost over its control socket, and waits no longer than it was told to.
struct ControlClient: ~Copyable {
    /// Why there is no answer.
    enum Failure: Error, Equatable {
        /// Nobody listens, or nobody answers in time.
        case unreachable(String)
        /// sharehost answers with an error.
        case refused(RPCError)
    }

    private let socket: OwnedDescriptor
    private let path: String
    private var splitter = FrameSplitter()
    private var frames: [[UInt8]] = []
    private var last: Int64 = 0

    /// - Throws: `Failure.unreachable`.
    init(path: String) throws(Failure) {
        self.path = path
        do throws(SystemCallError) {
            socket = try UnixStream.connect(path: Array(path.utf8))
        } catch {
            throw .unreachable("sharehost cannot be reached at \(path.printable): \(error.text) (\(error.name))")
        }
    }

    /// One request, one answer.
    mutating func ask(_ method: HostControlMethod, _ params: Value, timeout: Duration) throws(Failure) -> Value {
        last += 1
        let deadline = MonotonicTime.now() + timeout
        try send(Message.request(id: .number(last), method: method.rawValue, params: params).frame, deadline)
        while true {
            let frame = try nextFrame(deadline)
            let message: Message
            do throws(MessageProblem) {
                message = try Message(frame: frame)
            } catch {
                throw .unreachable("what listens at \(path.printable) is no sharehost: \(error.message)")
            }
            switch message {
            case .response(.number(last), let result, _): return result
            case .failure(let id, let error, _) where id == nil || id == .number(last): throw .refused(error)
            default: continue
            }
        }
    }

    private func send(_ bytes: [UInt8], _ deadline: MonotonicTime) throws(Failure) {
        let descriptor = socket.rawValue
        var sent = 0
        while sent < bytes.count {
            do throws(SystemCallError) {
                sent += try systemCall("send") {
                    unsafe bytes.withUnsafeBytes { bytes in
                        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
                        return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
                    }
                }
            } catch {
                guard error.errno == EAGAIN else { throw broken(error) }
                try wait(for: POLLOUT, deadline)
            }
        }
    }

    private mutating func nextFrame(_ deadline: MonotonicTime) throws(Failure) -> [UInt8] {
        let descriptor = socket.rawValue
        var room = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if !frames.isEmpty { return frames.removeFirst() }
            try wait(for: POLLIN, deadline)
            let count: Int
            do throws(SystemCallError) {
                count = try systemCall("read") { unsafe room.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) } }
            } catch {
                guard error.errno == EAGAIN else { throw broken(error) }
                continue
            }
            guard count > 0 else { throw .unreachable("sharehost closed the connection at \(path.printable)") }
            for case .frame(let frame) in splitter.push(room[..<count]) { frames.append(frame) }
        }
    }

    private func wait(for events: CInt, _ deadline: MonotonicTime) throws(Failure) {
        var entry = pollfd(fd: socket.rawValue, events: Int16(events), revents: 0)
        while true {
            let left = (deadline - MonotonicTime.now()).wholeNanoseconds / 1_000_000
            guard left > 0 else { throw .unreachable("sharehost at \(path.printable) does not answer in time") }
            do throws(SystemCallError) {
                if try systemCall("poll", { unsafe poll(&entry, 1, CInt(clamping: left)) }) > 0 { return }
            } catch {
                throw broken(error)
            }
        }
    }

    private func broken(_ error: SystemCallError) -> Failure {
        .unreachable("the connection to sharehost at \(path.printable) broke: \(error.text) (\(error.name))")
    }
}
