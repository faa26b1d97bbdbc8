import FileNames
import ShareModel

/// Any bytes as a journal: each line that is taken can be written again and says the same; what it would change are names of one directory below the
/// converted one; and only a plan that is whole is followed by what was done.
@c(LLVMFuzzerTestOneInput)
public func fuzzJournal(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    var progress = JournalProgress()
    var offset: Int64 = 0
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
        look(at: Array(line))
        let wasWhole = progress.isWhole
        _ = progress.take(Array(line), at: offset)
        precondition(progress.isWhole || !wasWhole, "a plan is no longer whole")
        precondition(progress.isWhole || !progress.isTouched, "done before the plan was whole")
        precondition(progress.places.count == progress.states.count && progress.entries >= 0)
        offset += Int64(line.count + 1)
    }
    return 0
}

private func look(at line: [UInt8]) {
    guard let record = JournalRecord(line: line) else { return }
    guard var again = record.line else { return }
    again.removeLast()
    precondition(JournalRecord(line: again) == record, "says something else once written")
    switch record {
    case .entry(let entry):
        precondition(FileName(entry.from) != nil && FileName(entry.to) != nil, "no names of one directory")
        precondition(entry.from != entry.to || entry.retarget != nil, "changes nothing")
    case .directory(let directory):
        let parts = directory.path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        precondition(directory.path.isEmpty || parts.allSatisfy { FileName(Array($0)) != nil }, "leads elsewhere")
    default: break
    }
}
