import FileNames
import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// The file that says how far a scan is. It is there as long as the scan is not done.
struct ScanMark {
    let file: [UInt8]
    /// The scanned directory, as typed: a file of another scan is refused.
    let path: String

    private static let version: Int64 = 1

    /// What a scan goes on from.
    struct Content {
        let way: [[UInt8]]
        let report: ScanReport
    }

    /// Reads it; nil where there is none yet.
    func read() throws(Cause) -> Content? {
        let bytes: [UInt8]
        do throws(SystemCallError) {
            bytes = try readFile(file, limit: Limits.frameBytes)
        } catch {
            if error.errno == ENOENT { return nil }
            throw problem("\(error)")
        }
        guard let value = try? StrictJSON.parse(bytes), value["namesScan"]?.number == Self.version,
            let report = value["report"].flatMap(ScanReport.init), let way = value["way"]?.elements
        else { throw problem("it is not the file of a scan") }
        guard value["path"]?.text == path else { throw problem("it is of a scan of '\(value["path"]?.text ?? "")'") }
        return Content(way: way.compactMap(ScanReport.bytes), report: report)
    }

    /// Writes it, the old one or the new one being there at each moment.
    func write(_ way: [[UInt8]], _ report: ScanReport) throws(SystemCallError) {
        let value = Value.object([
            "namesScan": .integer(Self.version), "path": .string(path), "way": .array(way.map(ScanReport.path)), "report": report.value,
        ])
        // A way of thousands of directories fits into no file that is read again; the scan goes on without it.
        guard let bytes = StrictJSON.bytesWithinLimits(of: value) else { return }
        try writeFileAtomically(file, bytes + [UInt8(ascii: "\n")], mode: 0o600)
    }

    /// Done.
    func remove() {
        _ = unsafe (file + [0]).withUnsafeBytes { unsafe unlink($0.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped) }
    }

    private func problem(_ why: String) -> Cause {
        Cause(
            .ioError, "cannot go on from '\(String(printing: file))'", evidence: [why],
            remedy: ["name the file of this scan, or a new one to begin again"])
    }
}
