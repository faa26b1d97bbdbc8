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

    @Test("no piece of data is larger than what is answered at once, whatever a page is: was 256 pages of 64 KiB")
    func pages() {
        #expect([4096, 16384, 65536].map { Exchange.mostPages(of: $0) } == [256, 64, 16])
        #expect(Exchange.mostPages(of: 4 << 20) == 1)
    }

    @Test("the last node of a deep tree takes those above it along one after the other: was a stack of the tree's depth")
    func chain() {
        var deepest: Node?
        weak var highest: Node?
        for number in 0..<100_000 {
            let node = Node(id: UInt64(number), Identity(stat()))
            node.place = deepest.map { Node.Place(parent: $0, name: []) }
            if number == 0 { highest = node }
            deepest = node
        }
        #expect(highest != nil && deepest?.id == 99_999)
        deepest = nil
        #expect(highest == nil)
    }
}
