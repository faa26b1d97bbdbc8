import Glibc
import LinuxSystem

/// One pass of measurements over one mount, each within its part of the time. Whatever blocks here blocks this worker only.
struct BenchPass {
    /// How the time is divided, in percent.
    private enum Part {
        static let write: Int64 = 20
        static let read: Int64 = 18
        static let randomRead: Int64 = 12
        static let randomWrite: Int64 = 12
        static let create: Int64 = 10
        static let other: Int64 = 5
        static let latency: Int64 = 6
    }
    static let mebibyte: Int64 = 1 << 20
    /// As cp and cat read.
    static let readBytes = 128 << 10
    static let page = 4096
    static let smallFiles = 500
    static let randomOperations = 4000

    let root: CInt
    let timeMs: Int64
    let spaceBytes: Int64
    let listener: BenchListener
    /// What is said before each thing that is done.
    var heading = ""
    var readAhead: ReadAheadSetting?
    private(set) var readings = Readings()

    init(root: CInt, timeMs: Int64, spaceBytes: Int64, listener: BenchListener) {
        self.root = root
        self.timeMs = timeMs
        self.spaceBytes = spaceBytes
        self.listener = listener
    }

    func slot(_ percent: Int64) -> Duration { .milliseconds(timeMs * percent / 100) }

    func tell(_ measure: Measure) { WorkerProgram.tell(heading + measure.words) }

    mutating func put(_ reading: Reading?) { readings.put(reading) }

    /// Measures with a directory of its own at the share's root.
    mutating func runWriting(in directory: borrowing BenchDirectory) throws(SystemCallError) {
        let place = directory.descriptor.rawValue
        let file = try openBeneath(place, BenchDirectory.dataFile, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        tell(.sequentialWrite)
        let size = try writeSequentially(file.rawValue)
        try read(in: place, BenchDirectory.dataFile, bytes: size)
        tell(.randomWrite)
        let block = Self.noise(Self.page)
        var places = Scatter(count: size / Int64(Self.page))
        put(
            try repeated(.randomWrite, slot(Part.randomWrite), most: Self.randomOperations) { _ throws(SystemCallError) in
                try writeAt(file.rawValue, places.next() * Int64(Self.page), block)
                try syncData(file.rawValue)
            })
        try measureSmallFiles(in: place)
        try measureLatency(of: file.rawValue)
    }

    /// Sequential and random reading of one file.
    mutating func read(in directory: CInt, _ name: [UInt8], bytes: Int64) throws(SystemCallError) {
        tell(.sequentialRead)
        let opened = try open(directory, name)
        advise(opened.rawValue, .notNeeded)
        let cached = cachedPercent(of: opened.rawValue, bytes: bytes)
        var reading = try readSequentially(opened.rawValue, bytes: bytes)
        reading?.cachedPercent = cached
        put(reading)
        guard bytes >= Int64(Self.page) else { return }
        tell(.randomRead)
        advise(opened.rawValue, .notNeeded)
        advise(opened.rawValue, .random)
        var room = [UInt8](repeating: 0, count: Self.page)
        var places = Scatter(count: bytes / Int64(Self.page))
        // No page twice: the second time it would come from memory.
        let most = min(Int64(Self.randomOperations), places.count)
        put(
            try repeated(.randomRead, slot(Part.randomRead), most: Int(most)) { _ throws(SystemCallError) in
                _ = try readAt(opened.rawValue, places.next() * Int64(Self.page), into: &room)
            })
    }

    private func open(_ directory: CInt, _ name: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
        guard let readAhead else { return try openBeneath(directory, name, O_RDONLY | O_NONBLOCK) }
        return try readAhead.whileOpening { () throws(SystemCallError) in try openBeneath(directory, name, O_RDONLY | O_NONBLOCK) }
    }

    /// Writes batches, each four times as long as the one before and each made durable, while the next one fits into the time: so a slow
    /// share is not given more than it can take. The pace is the longest batch's.
    /// - Returns: how long the file is then.
    private mutating func writeSequentially(_ file: CInt) throws(SystemCallError) -> Int64 {
        let block = Self.noise(Int(Self.mebibyte))
        let end = MonotonicTime.now() + slot(Part.write)
        var (written, batch): (Int64, Int64) = (0, Self.mebibyte)
        while true {
            let size = min(batch, (spaceBytes - written) / Self.mebibyte * Self.mebibyte)
            guard size > 0 else { return written }
            let began = MonotonicTime.now()
            for piece in 0..<size / Self.mebibyte {
                try writeAt(file, written + piece * Self.mebibyte, block)
                try listener.goOn()
            }
            try syncData(file)
            let took = (MonotonicTime.now() - began).wholeNanoseconds
            if size >= readings[.sequentialWrite]?.count ?? 0 { put(Reading(.sequentialWrite, count: size, nanoseconds: took)) }
            written += size
            batch *= 4
            let next = Double(min(batch, spaceBytes - written)) / Double(size) * Double(took)
            guard Double((end - .now()).wholeNanoseconds) > next else { return written }
        }
    }

    private func readSequentially(_ file: CInt, bytes: Int64) throws(SystemCallError) -> Reading? {
        var room = [UInt8](repeating: 0, count: Self.readBytes)
        let began = MonotonicTime.now()
        let end = began + slot(Part.read)
        var offset: Int64 = 0
        while offset < bytes, MonotonicTime.now() < end {
            let count = try readAt(file, offset, into: &room)
            if count == 0 { break }
            offset += Int64(count)
            try listener.goOn()
        }
        guard offset > 0 else { return nil }
        return Reading(.sequentialRead, count: offset, nanoseconds: (MonotonicTime.now() - began).wholeNanoseconds)
    }

    private mutating func measureSmallFiles(in directory: CInt) throws(SystemCallError) {
        let block = Self.noise(Self.page)
        tell(.create)
        let made = try repeated(.create, slot(Part.create), most: Self.smallFiles) { number throws(SystemCallError) in
            let name = BenchDirectory.smallFile(number)
            let file = try openBeneath(directory, name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            try writeAt(file.rawValue, 0, block)
        }
        put(made)
        let count = Int(made?.count ?? 0)
        tell(.stat)
        put(
            try repeated(.stat, slot(Part.other), most: count) { number throws(SystemCallError) in
                _ = try FileFacts.read(in: directory, BenchDirectory.smallFile(number))
            })
        tell(.openRead)
        var room = [UInt8](repeating: 0, count: Self.page)
        put(
            try repeated(.openRead, slot(Part.other), most: count) { number throws(SystemCallError) in
                let file = try openBeneath(directory, BenchDirectory.smallFile(number), O_RDONLY)
                _ = try readAt(file.rawValue, 0, into: &room)
            })
        tell(.list)
        let began = MonotonicTime.now()
        let listed = try names(in: directory, limit: Self.smallFiles + 2)
        for name in listed { _ = try FileFacts.read(in: directory, name) }
        put(Reading(.list, count: Int64(listed.count), nanoseconds: (MonotonicTime.now() - began).wholeNanoseconds))
        tell(.unlink)
        put(
            try repeated(.unlink, slot(Part.other), most: count) { number throws(SystemCallError) in
                try LinuxSystem.remove(in: directory, BenchDirectory.smallFile(number))
            })
    }

    /// The time of the smallest thing that goes to the server: asking for a file's attributes anew.
    mutating func measureLatency(of file: CInt) throws(SystemCallError) {
        tell(.latency)
        put(
            try repeated(.latency, slot(Part.latency), most: 1000) { _ throws(SystemCallError) in
                try refreshAttributes(of: file)
            })
    }

    /// Times an operation again and again, until the time is over or there were enough of them; at least once.
    func repeated(
        _ measure: Measure, _ slot: Duration, most: Int, _ operation: (Int) throws(SystemCallError) -> Void
    ) throws(SystemCallError) -> Reading? {
        var times: [Int64] = []
        var now = MonotonicTime.now()
        let end = now + slot
        for number in 0..<max(most, 0) {
            try operation(number)
            let after = MonotonicTime.now()
            times.append((after - now).wholeNanoseconds)
            try listener.goOn()
            now = MonotonicTime.now()
            if now >= end { break }
        }
        return Reading(measure, times)
    }

    /// What no file system can make shorter.
    static func noise(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var seed = generator.next() | 1
        return (0..<count).map { _ in
            // xorshift64: fast, and far from anything compressible.
            seed ^= seed << 13
            seed ^= seed >> 7
            seed ^= seed << 17
            return UInt8(truncatingIfNeeded: seed)
        }
    }
}

/// Every number below a count, each once before any comes again, in an order that no read-ahead foresees.
struct Scatter {
    let count: Int64
    private var last: Int64
    private let step: Int64

    init(count: Int64) {
        self.count = max(count, 1)
        last = 0
        // About the golden section, and without a common divisor: all numbers are met.
        var step = max(self.count * 618 / 1000, 1)
        while Self.divisor(step, self.count) != 1 { step += 1 }
        self.step = step
    }

    mutating func next() -> Int64 {
        last = (last + step) % count
        return last
    }

    private static func divisor(_ left: Int64, _ right: Int64) -> Int64 {
        right == 0 ? left : divisor(right, left % right)
    }
}
