import Glibc
import LinuxSystem
import Testing

/// What a stream told, in words, with the bytes gathered.
private final class Told {
    var words: [String] = []
    var bytes: [UInt8] = []

    func note(_ event: ByteStreamEvent) {
        switch event {
        case .received(let slice): bytes += slice
        case .peerArrived: words.append("arrived")
        case .peerLeft: words.append("left")
        case .drained: words.append("drained")
        case .ended: words.append("ended")
        case .failed(let error): words.append(error.name)
        }
    }
}

@Suite struct ByteStreamTests {
    private func readable(_ number: CInt) -> [UInt8] {
        var all: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(number, &room, room.count)
            guard count > 0 else { return all }
            all += room[..<count]
        }
    }

    @Test("bytes go both ways, and the end of the peer is told last and once")
    func bothWays() throws {
        let loop = try EventLoop()
        let pair = try UnixStream.pair()
        let told = Told()
        let stream = try ByteStream(loop, adopting: pair.near, kind: .connection) { told.note($0) }
        let far = pair.far
        #expect(stream.send([1, 2, 3]))
        #expect(write(far.rawValue, "hello", 5) == 5)
        #expect(try loop.turn { told.bytes == Array("hello".utf8) && told.words == ["drained"] })
        #expect(readable(far.rawValue) == [1, 2, 3])
        #expect(shutdown(far.rawValue, CInt(SHUT_WR)) == 0)
        #expect(try loop.turn { stream.isClosed })
        #expect(told.words == ["drained", "ended"])
        #expect(!stream.send([1]))
        #expect(loop.watchCount == 0)
        // Its descriptor was closed, so the other end sees the end too.
        var byte: UInt8 = 0
        #expect(read(far.rawValue, &byte, 1) == 0)
    }

    @Test("what several actions of a turn send is written with one call, in order")
    func coalesces() throws {
        let loop = try EventLoop()
        let pair = try UnixStream.pair()
        let stream = try ByteStream(loop, adopting: pair.near, kind: .connection) { _ in }
        for number in 0..<200 { #expect(stream.send([UInt8(number), UInt8(ascii: "\n")])) }
        try loop.turn()
        #expect(stream.writes == 1)
        #expect(stream.queuedByteCount == 0)
        #expect(readable(pair.far.rawValue) == (0..<200).flatMap { [UInt8($0), UInt8(ascii: "\n")] })
    }

    @Test("a peer that does not read fills the queue to its limit, not one byte more, and gets all of it when it reads at last")
    func backPressure() throws {
        let loop = try EventLoop()
        let pair = try UnixStream.pair()
        let told = Told()
        let stream = try ByteStream(loop, adopting: pair.near, kind: .connection, queueLimit: 100_000) { told.note($0) }
        var sent: [UInt8] = []
        var accepted = true
        // Until the kernel's buffer is full, and then until the queue is.
        while accepted {
            let frame = (0..<1000).map { UInt8(truncatingIfNeeded: sent.count + $0 * 7) }
            accepted = stream.send(frame)
            if accepted { sent += frame }
            if stream.queuedByteCount == 1000 { try loop.turn() }
        }
        #expect(stream.queuedByteCount > 99_000 && stream.queuedByteCount <= 100_000)
        #expect(!stream.send([UInt8](repeating: 0, count: 100_001 - stream.queuedByteCount)))
        let rest = [UInt8](repeating: 0, count: 100_000 - stream.queuedByteCount)
        #expect(stream.send(rest))
        sent += rest
        var got: [UInt8] = []
        while got.count < sent.count || stream.queuedByteCount > 0 {
            got += readable(pair.far.rawValue)
            if stream.queuedByteCount > 0 { try loop.turn() }
        }
        got += readable(pair.far.rawValue)
        #expect(got == sent)
        #expect(told.words.last == "drained")
    }

    @Test("one who floods does not keep others from their turn")
    func flood() throws {
        let loop = try EventLoop()
        let pair = try UnixStream.pair()
        let far = pair.far.rawValue
        var received = 0
        // The writer refills whenever it is read, so an endless reader would never come back.
        let stream = try ByteStream(loop, adopting: pair.near, kind: .connection) { event in
            if case .received(let bytes) = event { received += bytes.count }
            _ = write(far, [UInt8](repeating: 0, count: 32 << 10), 32 << 10)
        }
        _ = write(far, "x", 1)
        var ran = false
        loop.after(.milliseconds(1)) { ran = true }
        #expect(try loop.turn { ran })
        let before = received
        try loop.turn()
        #expect(received > before, "reading goes on though the edge came only once")
        stream.close()
    }

    @Test("a peer that vanished while bytes waited is an error, not a signal that kills")
    func brokenPipe() throws {
        let loop = try EventLoop()
        let told = Told()
        let stream: ByteStream
        do {
            let pair = try UnixStream.pair()
            stream = try ByteStream(loop, adopting: pair.near, kind: .connection) { told.note($0) }
        }
        #expect(stream.send([1]))
        #expect(try loop.turn { stream.isClosed })
        #expect(told.words == ["ended"] || told.words == ["EPIPE"])
    }

    @Test("closing within an event stops everything else of that event")
    func closesInside() throws {
        let loop = try EventLoop()
        let pair = try UnixStream.pair()
        var events = 0
        var stream: ByteStream?
        stream = try ByteStream(loop, adopting: pair.near, kind: .connection) { _ in
            events += 1
            stream?.close()
        }
        #expect(stream?.send([1]) == true)
        #expect(write(pair.far.rawValue, "x", 1) == 1)
        try loop.turn()
        #expect(events == 1)
        #expect(stream?.isClosed == true)
        stream = nil
    }

    @Test("a port whose host goes is not at its end: what waited is forgotten, and nothing is queued until a host comes")
    func port() throws {
        let loop = try EventLoop()
        let pair = try UnixStream.pair()
        let told = Told()
        let stream = try ByteStream(loop, adopting: pair.near, kind: .virtioPort) { told.note($0) }
        #expect(!stream.isPeerPresent)
        #expect(!stream.send([1]), "no host is known yet")
        #expect(try loop.turn { told.words == ["arrived"] })
        #expect(stream.send(Array("hi".utf8)))
        #expect(try loop.turn { told.words == ["arrived", "drained"] })
        do {
            let host = pair.far
            #expect(readable(host.rawValue) == Array("hi".utf8))
            #expect(write(host.rawValue, "last words", 10) == 10)
            #expect(stream.send([1, 2, 3]))
        }
        // The host is gone: a HUP that comes together with what it wrote before.
        #expect(try loop.turn { told.words == ["arrived", "drained", "left"] })
        #expect(told.bytes == Array("last words".utf8))
        #expect(stream.queuedByteCount == 0)
        #expect(!stream.isClosed)
        #expect(!stream.send([1]))
    }
}
