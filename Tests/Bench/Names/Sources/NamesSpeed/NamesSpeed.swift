internal import CAllocationCount
internal import FileNames
internal import Glibc

/// `NamesSpeed FILE`: classifies each name of the file (they end in NUL) and brings it into NFC, once to warm up and five times by the clock.
/// Prints what the other programs of `Peers` print: nanoseconds of the best time, allocations of all, names of each class, and a digest of
/// all that came out.
@main
struct NamesSpeed {
    static func main() {
        guard CommandLine.arguments.count == 2, let names = Names(file: CommandLine.arguments[1]) else {
            print("usage: NamesSpeed FILE")
            exit(64)
        }
        var pass = Pass()
        pass.run(names)
        let counted = allocation_count()
        // Nothing counted so far would mean that nothing is.
        if counted == 0 { exit(70) }
        var least = UInt64.max
        for _ in 0..<5 {
            let started = now()
            pass.run(names)
            least = min(least, now() - started)
        }
        let allocations = allocation_count() - counted
        print(
            #"{"nanoseconds": \#(least), "allocations": \#(allocations), "ascii": \#(pass.ascii), "composed": \#(pass.composed), "#
                + #""changed": \#(pass.changed), "digest": "\#(pass.digest(names))"}"#)
    }

    /// Of this process: what others do on the machine meanwhile is not counted.
    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The file in memory, and where each name lies in it.
struct Names {
    let bytes: [UInt8]
    /// Where each begins, and behind the last one the end.
    let starts: [Int]

    init?(file: String) {
        guard let stream = fopen(file, "r") else { return nil }
        defer { fclose(stream) }
        fseek(stream, 0, SEEK_END)
        let bytes = [UInt8](unsafeUninitializedCapacity: ftell(stream)) { room, length in
            fseek(stream, 0, SEEK_SET)
            length = fread(room.baseAddress, 1, room.count, stream)
        }
        self.bytes = bytes
        starts = [0] + bytes.indices.filter { bytes[$0] == 0 }.map { $0 + 1 }
    }

    var count: Int { starts.count - 1 }
}

struct Pass {
    private var normalizer = Normalizer()
    private var scratch: [UInt8] = []
    private(set) var (ascii, composed, changed) = (0, 0, 0)

    mutating func run(_ names: Names) {
        (ascii, composed, changed) = (0, 0, 0)
        let bytes = names.bytes.span
        for index in 0..<names.count {
            switch look(bytes.extracting(names.starts[index]..<(names.starts[index + 1] - 1))) {
            case .ascii: ascii += 1
            case .composed: composed += 1
            case .otherForm: changed += 1
            case .notUTF8: break
            }
        }
    }

    private mutating func look(_ name: Span<UInt8>) -> NameClass {
        NameClass.of(name, by: &normalizer, scratch: &scratch)
    }

    /// FNV-1a of all results, each with a NUL behind it.
    mutating func digest(_ names: Names) -> String {
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in 0..<names.count {
            let name = names.bytes[names.starts[index]..<(names.starts[index + 1] - 1)]
            let isChanged = look(Array(name).span) == .otherForm
            for byte in isChanged ? scratch[...] : name { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
            digest = digest &* 0x100_0000_01B3
        }
        return String(digest, radix: 16)
    }
}
