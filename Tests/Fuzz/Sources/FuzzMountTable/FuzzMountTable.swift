import MountTable

/// A table that is accepted can be written again in the kernel's way, and then says the same.
@c(LLVMFuzzerTestOneInput)
public func fuzzMountTable(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let table = try? MountTable(parsing: bytes) else { return 0 }
    precondition(table.entries.count == bytes.count { $0 == 0x0A }, "a line was lost or invented")
    let written = table.entries.flatMap(line)
    guard let again = try? MountTable(parsing: written) else { preconditionFailure("own writing is refused") }
    precondition(again == table, "own writing reads otherwise")
    for entry in table.entries {
        precondition(entry.target.first == UInt8(ascii: "/"))
        precondition(table.topmost(at: entry.target) != nil || !table.entries(at: entry.target).isEmpty)
    }
    return 0
}

/// As the kernel writes it: space, tab, LF, backslash and, in the source, `#` as octal escapes.
private func line(_ entry: MountEntry) -> [UInt8] {
    var propagation = ""
    if let group = entry.propagation.sharedGroup { propagation += "shared:\(group) " }
    if let group = entry.propagation.masterGroup { propagation += "master:\(group) " }
    if let group = entry.propagation.propagatesFrom { propagation += "propagate_from:\(group) " }
    if entry.propagation.isUnbindable { propagation += "unbindable " }
    var line = Array("\(entry.mountID) \(entry.parentID) \(entry.device) ".utf8)
    line += escaped(entry.root) + [0x20] + escaped(entry.target) + [0x20] + escaped(entry.options) + Array(" \(propagation)- ".utf8)
    line += escaped(entry.fstype) + [0x20] + escaped(entry.source) + [0x20] + escaped(entry.superOptions) + [0x0A]
    return line
}

private func escaped(_ bytes: [UInt8]) -> [UInt8] {
    bytes.flatMap { byte in
        switch byte {
        case 0x20: Array("\\040".utf8)
        case 0x09: Array("\\011".utf8)
        case 0x0A: Array("\\012".utf8)
        case 0x5C: Array("\\134".utf8)
        case 0x23: Array("\\043".utf8)
        default: [byte]
        }
    }
}
