package import Reconciler
package import ShareModel
package import ShareWire

/// What the core wants done; the daemon does it. No action is ever a promise that something happened.
package enum AgentAction {
    /// Start a worker and end it when its time is over.
    case launch(WorkerID, WorkerRequest, deadlineMs: Int64)
    /// Throw away what was to be sent to the host and has not gone out.
    case discardUnwritten
    /// Send bytes to the host.
    case write([UInt8])
    /// End a worker that nobody waits for any more.
    case dismiss(WorkerID)
    /// Tell whoever waits for a request's answer how far it is.
    case tell(ControlRequest.ID, ControlNotification, Value)
    /// Answer a request of a control connection.
    case answer(ControlRequest.ID, Result<Value, RPCError>)
    /// Keep the last accepted catalog.
    case keepCatalog(Value)
    /// Keep which mounts are ours, for the next daemon.
    case keepMounts(Value)
    /// From now on tell of `viewEnded` for these processes and no others.
    case watchViews(Set<ProcessMark>)
    /// From now on tell of `networkChanged`, or no longer.
    case watchNetwork(Bool)
    /// One line for the journal.
    case log(String)
}

/// What happens to the core.
package enum AgentEvent {
    /// The channel can be written to: a host, or at least a port, is there.
    case channelOpened
    /// Nobody is at the other end any more, or the channel could not be opened: it is `absent`, or `waiting` for a host.
    case channelClosed(ChannelState, Cause)
    /// Bytes from the host.
    case channelReceived([UInt8])
    /// A worker says what it is doing.
    case workerProgressed(WorkerID, String)
    /// A worker that looks into a share says what a check has found.
    case workerFound(WorkerID, Finding)
    /// A worker is past its deadline; it was sent SIGKILL.
    case workerOverdue(WorkerID)
    /// A worker outlived SIGKILL: it hangs in the kernel.
    case workerStuck(WorkerID)
    /// A worker ended; nil where it did not answer.
    case workerEnded(WorkerID, WorkerOutcome?)
    /// The process of a view has ended.
    case viewEnded(ProcessMark)
    /// The mount table.
    case mountsObserved(ObservedState)
    /// A request over the control socket.
    case requested(ControlRequest)
    /// A control connection closed; nobody waits for its answers.
    case requesterLeft(connection: UInt64)
    /// The configuration was read anew.
    case configured(AgentConfiguration)
    /// The service manager hands over a catalog.
    case catalogGiven(Value)
    /// Devices came, went or changed, or are looked at for the first time.
    case devicesChanged(DeviceNews)
    /// The network may lead where it did not lead before.
    case networkChanged
    /// The moment `nextWake` named.
    case timePassed
}

/// A request over the control socket, or of the command that runs the agent for one job.
package struct ControlRequest {
    /// Which request of which connection.
    package struct ID: Hashable, Sendable {
        package let connection: UInt64
        package let request: UInt64

        package init(connection: UInt64, request: UInt64) {
            self.connection = connection
            self.request = request
        }
    }

    package let id: ID
    package let method: ControlMethod
    package let params: Value
    /// Root or the group `shareagent` asks.
    package let mayChange: Bool

    package init(id: ID, method: ControlMethod, params: Value, mayChange: Bool) {
        self.id = id
        self.method = method
        self.params = params
        self.mayChange = mayChange
    }
}
