internal import LinuxSystem

/// Makes one of many events that come close together, and keeps the ones that follow apart.
final class Gathering {
    private let loop: EventLoop
    private let delay: Duration
    private let pause: Duration
    private let action: () -> Void
    private var timer: TimerToken?
    private var last: MonotonicTime?

    /// - Parameters:
    ///   - delay: from the first event of a bunch to the action.
    ///   - pause: the least time from one action to the next.
    init(_ loop: EventLoop, delay: Duration, pause: Duration, action: @escaping () -> Void) {
        self.loop = loop
        self.delay = delay
        self.pause = pause
        self.action = action
    }

    deinit {
        if let timer { loop.cancel(timer) }
    }

    func happened() {
        guard timer == nil else { return }
        let soon = MonotonicTime.now() + delay
        timer = loop.at(deadline: last.map { max(soon, $0 + pause) } ?? soon) { [weak self] in
            guard let self else { return }
            timer = nil
            last = .now()
            action()
        }
    }
}
