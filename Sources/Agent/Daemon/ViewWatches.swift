internal import LinuxSystem
internal import ShareModel

/// Notices when the process of a view ends, be it of this daemon's time or of one before.
final class ViewWatches {
    private final class Watched {
        let process: OtherProcess
        var token: WatchToken?

        init(_ process: consuming OtherProcess) {
            self.process = process
        }
    }

    private let loop: EventLoop
    private let tell: (ProcessMark) -> Void
    private var watched: [ProcessMark: Watched] = [:]

    init(_ loop: EventLoop, tell: @escaping (ProcessMark) -> Void) {
        self.loop = loop
        self.tell = tell
    }

    /// Watches these processes and no others.
    func watch(_ wanted: Set<ProcessMark>) {
        for (mark, held) in watched where !wanted.contains(mark) {
            if let token = held.token { loop.unwatch(token) }
            watched[mark] = nil
        }
        for mark in wanted where watched[mark] == nil { begin(mark) }
    }

    private func begin(_ mark: ProcessMark) {
        guard let process = OtherProcess(mark.id, started: mark.started) else { return loop.soon { [tell] in tell(mark) } }
        let held = Watched(process)
        held.token = try? loop.watch(held.process.pidfd, events: .readable) { [weak self] _ in self?.ended(mark) }
        // Out of descriptors: then the probe tells.
        if held.token != nil { watched[mark] = held }
    }

    private func ended(_ mark: ProcessMark) {
        guard let held = watched.removeValue(forKey: mark) else { return }
        if let token = held.token { loop.unwatch(token) }
        tell(mark)
    }
}
