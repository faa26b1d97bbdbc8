import LinuxSystem
import ShareModel

/// What every part of the daemon needs: the loop, the clocks, the log, and the limits that tests make shorter.
struct Surroundings {
    /// Times and sizes.
    struct Tuning {
        /// Between two looks at the configuration file. A change is taken over when two looks in a row see the same file.
        var configurationPoll = Duration.seconds(1)
        /// Between two looks for sockets that match a pattern.
        var patternScan = Duration.seconds(3)
        /// Before a channel is connected to again, the first time; doubled each time.
        var firstPause = Duration.milliseconds(250)
        /// The longest of these pauses.
        var longestPause = Duration.seconds(5)
        /// How much may wait to be sent to a guest that does not read: a list of shares, several times over.
        var channelQueueBytes = 4 << 20
        /// A guest that was silent for this long, or for three report intervals, is asked whether it is there.
        var silenceMs: Int64 = 30_000
        /// How long a guest's answer is waited for.
        var answerMs: Int64 = 60_000
        /// A guest that has none of its shares this long after it was given their list does not obey it. One that asks a second
        /// time before it lets most of its shares go takes half as long.
        var obeyMs: Int64 = 10_000
        /// Who must own credential files.
        var credentialOwner: UInt32 = 0
    }

    let loop: EventLoop
    let log: Log
    var tuning = Tuning()

    /// Milliseconds of a clock that does not jump.
    var now: Int64 { MonotonicTime.now().nanoseconds / 1_000_000 }

    /// The wall clock, for people and revisions.
    var wallTime: Timestamp { Timestamp(milliseconds: WallTime.now().milliseconds) }
}
