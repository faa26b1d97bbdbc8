import LibYaml
import ShareModel
import ShareWire

/// A YAML text is read within its limits; and JSON, which is YAML as well, means the same to both readers.
@c(LLVMFuzzerTestOneInput)
public func fuzzYaml(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let document = try? YamlDocument.parse(bytes) {
        precondition(document.line(of: "") != nil || document.value == .null)
        precondition(StrictJSON.bytesWithinLimits(of: document.value) != nil || count > 1 << 17, "a value past the limits")
    }
    // Escapes of surrogates, which JSON writes for what lies beyond 16 bits, are none in YAML; keys of more than 1024 bytes are none either.
    guard count <= 1024, let value = try? StrictJSON.parse(bytes) else { return 0 }
    let written = StrictJSON.bytes(of: value)
    guard !String(decoding: written, as: UTF8.self).contains("\\ud") else { return 0 }
    guard let document = try? YamlDocument.parse(written) else { preconditionFailure("JSON is refused") }
    precondition(document.value == value, "JSON means something else")
    return 0
}
