internal import Reconciler
internal import ShareModel

// The views over shares: their processes outlive this one, so each is watched and none is a child.
extension AgentCore {
    func workerProgressed(_ id: WorkerID, _ doing: String) {
        guard workers[id]?.errand == .probe else { return benchProgressed(id, doing) }
        if doing.hasSameBytes(as: ViewReading.asking) { askingViews.insert(id) }
    }

    func viewEnded(_ process: ProcessMark, _ now: Clock) {
        guard let life = offers.lives.first(where: { $0.attachment?.view?.view.process == process }) else { return }
        let jitter = random.next()
        offers.with(life.share.name) { $0.viewEnded(process, now: now, jitter: jitter) }
        if case .attached(let attachment) = life.phase, attachment.worker == nil {
            log("share '\(life.share.name)': the view of its names has ended (process \(process.id))")
        }
    }

    func viewLaid(_ name: ShareName, _ view: StandingView, _ now: Clock) {
        log("share '\(name)': the view of its names was laid again (process \(view.process.id))")
        guard let target = offers[name]?.attachment?.target else { return }
        // What was mounted inside went with the old one.
        for life in offers.lives where life.attachment.map({ $0.target.isBelow(target) }) ?? false {
            offers.with(life.share.name) { $0.supportReturned(now: now) }
        }
    }

    /// Has those processes watched that views depend on.
    func watchViews() {
        var wanted: Set<ProcessMark> = []
        for life in offers.lives {
            if let view = life.attachment?.view, view.isServed { wanted.insert(view.view.process) }
        }
        guard wanted != watchedViews else { return }
        watchedViews = wanted
        actions.append(.watchViews(wanted))
    }
}

extension Attachment {
    /// As a worker is told of it.
    var mount: StandingMount { StandingMount(share, at: place, mountID: mountID, view: view?.view) }
}
