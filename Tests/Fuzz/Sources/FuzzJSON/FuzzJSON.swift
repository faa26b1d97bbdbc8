import ShareModel
import ShareWire

/// The strict reader accepts what the slow reference accepts, reads the same in it, and reads its own writing back.
@c(LLVMFuzzerTestOneInput)
public func fuzzJSON(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let value = try? StrictJSON.parse(bytes)
    precondition(value == ReferenceJSON.parse(bytes), "the readers disagree")
    guard let value else { return 0 }
    let text = StrictJSON.prettyText(of: value)
    // The indented form may pass the limit of a frame; the one-line form is never longer than twelve times the input.
    if let written = StrictJSON.bytesWithinLimits(of: value) {
        precondition(!written.contains(0x0A))
        guard let again = try? StrictJSON.parse(written) else { preconditionFailure("own writing is refused") }
        precondition(again == value, "own writing reads otherwise")
        precondition(StrictJSON.bytes(of: again) == written, "writing is not stable")
    }
    if text.utf8.count <= Limits.frameBytes { precondition((try? StrictJSON.parse(Array(text.utf8))) == value) }
    _ = try? Message(decoding: value)
    return 0
}
