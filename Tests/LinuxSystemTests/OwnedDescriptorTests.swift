import Glibc
import LinuxSystem
import Testing

@Suite struct OwnedDescriptorTests {
    /// The inode of a fresh pipe, by which a closed and reused number is told from one that is still open.
    private func pipeEnds() throws -> (CInt, CInt) {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("the descriptor is closed when its owner goes")
    func closes() throws {
        let (reading, writing) = try pipeEnds()
        defer { close(reading) }
        do {
            let owner = OwnedDescriptor(adopting: writing)
            #expect(owner.rawValue == writing)
        }
        // The only writer is gone, so the reader sees the end instead of blocking.
        var byte: UInt8 = 0
        #expect(read(reading, &byte, 1) == 0)
    }

    @Test("a released descriptor stays open and is the caller's")
    func releases() throws {
        let (reading, writing) = try pipeEnds()
        defer { close(reading) }
        let owner = OwnedDescriptor(adopting: writing)
        let number = owner.release()
        #expect(write(number, "x", 1) == 1)
        close(number)
    }

    @Test("a duplicate is close-on-exec and outlives the original")
    func duplicates() throws {
        let (reading, writing) = try pipeEnds()
        defer { close(reading) }
        let copy = try OwnedDescriptor(adopting: writing).duplicate()
        #expect(fcntl(copy.rawValue, F_GETFD) & FD_CLOEXEC != 0)
        #expect(write(copy.rawValue, "x", 1) == 1)
    }

    @Test("duplicating a number that is not open says so")
    func duplicateFails() {
        let error = #expect(throws: SystemCallError.self) {
            let owner = OwnedDescriptor(adopting: -1)
            _ = try owner.duplicate()
        }
        #expect(error == SystemCallError(call: "fcntl", errno: EBADF))
    }
}
