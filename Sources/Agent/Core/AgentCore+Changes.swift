internal import Reconciler
internal import ShareModel

// Workers that change a mount that stands.
extension AgentCore {
    /// How long the end of waits may take, milliseconds: three seconds of it is the work itself.
    private static let endWaitingMs: Int64 = 8_000

    func beginChange(_ step: Step, of name: ShareName) {
        guard let life = offers[name], let attachment = life.attachment else { return }
        let (errand, change, deadline): (WorkerLedger.Errand, MountChange, Int64) =
            switch step {
            case .remount: (.remount(life.share), .remount(as: life.share), Deadline.detachMs)
            case .replace: (.replace(life.share), .replace(as: life.share), Deadline.attachMs)
            case .lay:
                (
                    .lay(life.shareOfView ?? life.share),
                    .lay(as: life.shareOfView ?? life.share, at: attachment.target, force: attachment.view?.isToBeEnded ?? false),
                    Deadline.attachMs
                )
            default: (.endWaiting, .endWaiting, Self.endWaitingMs)
            }
        let worker = workers.add(name, errand, deadlineMs: deadline)
        offers.with(name) { $0.changeBegan(worker) }
        actions.append(.launch(worker, .change(attachment.mount, change), deadlineMs: deadline))
    }

    func changeEnded(_ entry: WorkerLedger.Entry, _ outcome: WorkerOutcome, _ now: Clock) {
        let jitter = random.next()
        offers.with(entry.share) { life in
            switch entry.errand {
            case .remount(let share): life.remountEnded(outcome, as: share, now: now, jitter: jitter)
            case .replace(let share): life.replacementEnded(outcome, as: share, observed: observed, now: now, jitter: jitter)
            case .endWaiting: life.waitingEnded(outcome, now: now)
            case .lay(let share): life.layingEnded(outcome, as: share, observed: observed, now: now, jitter: jitter)
            case .attach, .detach, .probe, .explain, .examine, .bench, .sweep, .renew: break
            }
        }
        if case .waitingEnded(let forGood, let mountIDs) = outcome {
            // The same file system may be another share, too, and its programs were struck as well.
            for life in offers.lives where life.share.name != entry.share && life.attachment.map({ mountIDs.contains($0.mountID) }) == true
            {
                offers.with(life.share.name) { $0.waitsEnded(forGood: forGood, now: now) }
            }
        }
        switch outcome {
        case .remounted(_, let warnings):
            log("share '\(entry.share)': remounted with its new options\(warnings.map { "; " + $0 }.joined())")
        case .attached: log("share '\(entry.share)': its server answers, and a new mount has taken the old one's place")
        case .laid(let view): viewLaid(entry.share, view, now)
        default: break
        }
        keepMounts()
    }

    /// Notes what keeps wanted shares from being attached, for status.
    func noteObstacles(_ now: Clock) {
        let obstacles = Reconciler.obstacles(plannedLives, attachedShares: configuration.policy.maximumShares, now: now.moment)
        offers.forEach { life in
            let obstacle = obstacles[life.share.name]
            if life.obstacle != obstacle { life.isHeldBack(by: obstacle) }
        }
    }
}
