import ShareModel

/// One entry of `vms`: where its channel is, and which shares it gets.
struct MachineEntry: Equatable, Sendable {
    /// Where the host's end of the channel is.
    enum Place: Equatable, Sendable {
        /// QEMU or libvirt listens at this path, and sharehost connects.
        case connect(path: String)
        /// sharehost listens at this path.
        case listen(path: String)
        /// Every socket that matches is one VM's.
        case pattern(SocketPattern)
    }

    /// Which of the host's shares are offered.
    enum Selection: Equatable, Sendable {
        /// All of them, later ones too.
        case all
        /// These.
        case named([ShareName])
    }

    /// The VM's name; empty for a pattern, where each match brings its own.
    var name: String
    /// Where its channel is.
    var place: Place
    /// What it is offered.
    var selection: Selection
}
