import Glibc
import LinuxSystem
import ShareModel
import Synchronization

@testable import HostPeer

/// A host peer on a thread of its own, for clients that block.
final class OwnThread: Sendable {
    private final class Order: Sendable {
        let text: String
        let folder: String
        let ready = Mutex<Bool?>(nil)
        let stop = Mutex(false)
        let port = Mutex<UInt16?>(nil)

        init(text: String, folder: String) {
            self.text = text
            self.folder = folder
        }
    }

    private let order: Order
    private let thread: pthread_t

    /// Whether it serves, and on which port for metrics.
    var port: UInt16? { order.port.withLock { $0 } }

    /// - Throws: where the configuration is wrong or nothing can be opened.
    init(_ text: String, in folder: Folder) throws {
        order = Order(text: text, folder: folder.path)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                if let context { OwnThread.serve(Unmanaged<Order>.fromOpaque(context).takeRetainedValue()) }
                return nil
            }, Unmanaged.passRetained(order).toOpaque())
        guard result == 0 else { throw Folder.Problem(errno: result) }
        self.thread = thread
        let deadline = MonotonicTime.now() + .seconds(60)
        while order.ready.withLock({ $0 }) == nil, MonotonicTime.now() < deadline { usleep(1_000) }
        guard order.ready.withLock({ $0 }) == true else { throw Folder.Problem(errno: ETIMEDOUT) }
    }

    deinit {
        order.stop.withLock { $0 = true }
        pthread_join(thread, nil)
    }

    private static func serve(_ order: Order) {
        do {
            let loop = try EventLoop()
            let configuration = try ConfigurationFile.parse(Array(order.text.utf8), credentialOwner: geteuid())
            let server = HostServer(
                configuration, from: order.folder + "/sharehost.yaml", in: Surroundings(loop: loop, log: Log { _, _ in }))
            try server.start(controlSocket: order.folder + "/control.sock")
            defer { server.stop() }
            order.port.withLock { $0 = server.metrics?.port }
            order.ready.withLock { $0 = true }
            while !order.stop.withLock({ $0 }) {
                // The loop wakes often enough to see that it is to stop.
                let timer = loop.after(.milliseconds(20)) {}
                try loop.turn()
                loop.cancel(timer)
            }
        } catch {
            order.ready.withLock { $0 = false }
        }
    }
}
