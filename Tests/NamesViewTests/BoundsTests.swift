import Glibc
import Testing

@testable import FuseKernel
@testable import NamesView

@Suite("what the kernel and a thread's stack bound")
struct BoundsTests {
    @Test("a failure is told by a number that the kernel takes: was 524, which it refused, and the caller hung")
    func errors() {
        #expect([1, ENOENT, 511].map { FuseError($0).errno } == [1, ENOENT, 511])
        #expect(FuseError(524).errno == EOPNOTSUPP)
        #expect([0, -1, 512, 600, 4095].map { FuseError($0).errno } == [EIO, EIO, EIO, EIO, EIO])
    }
}
