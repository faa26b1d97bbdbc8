import FileNames
import LinuxSystem
import ShareModel

/// Tells whoever waits how far a walk is, often enough to be believed alive and seldom enough to cost nothing.
final class ProgressTeller {
    private let tell: (Value) -> Void
    private var told: MonotonicTime

    /// How often progress is told, at most.
    private static let interval = Duration.milliseconds(250)

    init(_ tell: @escaping (Value) -> Void) {
        (self.tell, told) = (tell, .now())
    }

    /// - Parameters:
    ///   - path: below the root.
    ///   - more: members besides.
    func breathe(_ names: Int, _ directories: Int, _ path: [UInt8], _ more: () -> [Value.Member] = { [] }) {
        let now = MonotonicTime.now()
        guard now - told >= Self.interval else { return }
        told = now
        let at = FileName.display(path.isEmpty ? [UInt8(ascii: ".")] : path)
        tell(
            .object([
                .init(
                    "progress",
                    .object(
                        [
                            .init("names", .integer(Int64(names))), .init("directories", .integer(Int64(directories))),
                            .init("at", .string(at)),
                        ] + more()))
            ]))
    }
}
