/// Bytes that nobody may see: prints as `<redacted>`, has one place in memory, and is overwritten when that place is given up.
@safe public final class Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable, Sendable {
    // Safety: never written to after init but in deinit, when nobody else holds it.
    private nonisolated(unsafe) let place: UnsafeMutableRawBufferPointer

    /// Takes a copy; the caller wipes its own.
    public init(copying bytes: some Collection<UInt8>) {
        unsafe place = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        unsafe place.copyBytes(from: bytes)
    }

    /// The number of bytes.
    public var count: Int { unsafe place.count }

    /// Lends the bytes to whoever hands them to the kernel.
    public func withBytes<Result, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Result) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(place))
    }

    /// Never the content.
    public var description: String { "<redacted>" }
    /// Never the content.
    public var debugDescription: String { description }
    /// Nothing to see.
    public var customMirror: Mirror { Mirror(self, children: []) }

    deinit {
        // Plain stores to memory about to be freed may be optimized away; a volatile-like barrier is not to be had here,
        // so each store goes through a pointer the compiler cannot see through.
        unsafe wipe(place)
        unsafe place.deallocate()
    }
}

/// Overwrites memory; never inlined and not looked into by the optimizer, so that the stores stay.
///
/// It copies zeroes in blocks: unoptimized, a loop over the bytes took longer than all else that a worker did.
@inline(never)
@_optimize(none)
public func wipe(_ place: UnsafeMutableRawBufferPointer) {
    unsafe zeroes.withUnsafeBytes { zeroes in
        var start = 0
        while start < place.count {
            let end = min(start + zeroes.count, place.count)
            unsafe UnsafeMutableRawBufferPointer(rebasing: place[start..<end]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: zeroes[..<(end - start)]))
            start = end
        }
    }
}

private let zeroes = [UInt8](repeating: 0, count: 4096)
