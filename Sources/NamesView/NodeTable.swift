import CFuse
import FuseKernel
import Glibc

/// All nodes the kernel knows, and how many of them hold a descriptor.
///
/// Under its lock nothing waits for the source: files are opened before and closed after.
// Safety: what changes does so under its lock.
final class NodeTable: @unchecked Sendable {
    /// The source's top.
    let root: Node

    let lock = Lock()
    private var byID: [UInt64: Node] = [:]
    // Under the lock.
    var byIdentity: [Identity: Node] = [:]
    /// How many open files have another node than the one that the kernel is told of now.
    var partedFiles: [Identity: Int] = [:]
    private var nextID: UInt64 = 2
    /// /proc/self/fd.
    private let descriptors: CInt
    private let mostDescriptors: Int
    /// Nodes with a descriptor, those longest so in front.
    private var holding: [Node] = []
    private var front = 0
    private var held = 0

    /// - Parameters:
    ///   - descriptor: the source's top, opened as a place; the table's from now on.
    ///   - descriptors: /proc/self/fd, opened as a place.
    ///   - mostDescriptors: how many nodes keep one.
    init(root descriptor: CInt, descriptors: CInt, mostDescriptors: Int) throws(FuseError) {
        root = Node(id: UInt64(FUSE_ROOT_ID), Identity(try SourceCalls.status(of: descriptor)))
        root.descriptor = descriptor
        root.lookups = 1
        root.pins = 1
        self.descriptors = descriptors
        self.mostDescriptors = mostDescriptors
        byID[root.id] = root
        byIdentity[root.identity] = root
    }

    /// The node of a number.
    /// - Throws: ESTALE for one that the kernel has forgotten.
    func node(_ id: UInt64) throws(FuseError) -> Node {
        guard let node = lock.withLock({ byID[id] }) else { throw FuseError(ESTALE) }
        return node
    }

    /// Tells the kernel of a file once more.
    /// - Parameter place: where it was seen; nil for one that has no name.
    func enter(_ status: stat, at place: Node.Place?) -> Node {
        let identity = Identity(status)
        return lock.withLock {
            let node =
                byIdentity[identity]
                ?? {
                    let node = Node(id: nextID, identity)
                    nextID += 1
                    byID[node.id] = node
                    byIdentity[identity] = node
                    return node
                }()
            node.lookups += 1
            if let place, node !== root { node.place = place }
            return node
        }
    }

    /// What is known of a file, where the kernel knows it.
    func known(_ status: stat) -> Node? { lock.withLock { byIdentity[Identity(status)] } }

    /// The kernel has forgotten a node this many times.
    func forget(_ id: UInt64, _ count: UInt64) {
        let unused: CInt = lock.withLock {
            guard let node = byID[id], node !== root else { return -1 }
            node.lookups -= min(count, node.lookups)
            guard node.lookups == 0 else { return -1 }
            byID[id] = nil
            if byIdentity[node.identity] === node { byIdentity[node.identity] = nil }
            return node.pins == 0 ? takeDescriptor(node) : -1
        }
        if unused >= 0 { _ = close(unused) }
    }

    /// Runs `body` with a descriptor of the node's file, which is a place only.
    /// - Throws: ESTALE where the file is not any more where it was last seen.
    func withDescriptor<Answer>(_ node: Node, _ body: (CInt) throws(FuseError) -> Answer) throws(FuseError) -> Answer {
        let descriptor = try pin(node)
        defer { unpin(node) }
        return try body(descriptor)
    }

    /// Attributes, without opening anything where that can be spared.
    func status(of node: Node) throws(FuseError) -> stat {
        let (place, file) = lock.withLock { (node.descriptor < 0 ? node.place : nil, node.files.last) }
        if let file {
            defer { withExtendedLifetime(file) {} }
            return try SourceCalls.status(of: file.file)
        }
        guard let place, !node.identity.isDirectory else {
            return try withDescriptor(node) { (file) throws(FuseError) in try SourceCalls.status(of: file) }
        }
        let seen = try withDescriptor(place.parent) { (parent) throws(FuseError) in
            try SourceCalls.statusIfThere(in: parent, place.name)
        }
        guard let seen, Identity(seen) == node.identity else { throw FuseError(ESTALE) }
        return seen
    }

    private func pin(_ node: Node) throws(FuseError) -> CInt {
        // It and those above it that are parked, too, the lowest first: in loops, as a tree may be deeper than a thread's stack.
        var parked: [(node: Node, place: Node.Place)] = []
        var (above, descriptor, file) = try lock.withLock { () throws(FuseError) -> (Node, CInt, FileHandle?) in
            var node = node
            while node.descriptor < 0, node.files.isEmpty {
                guard let place = node.place, parked.count < Self.deepest else { throw FuseError(ESTALE) }
                parked.append((node, place))
                node = place.parent
            }
            guard node.descriptor >= 0 else { return (node, -1, node.files.last) }
            node.pins += 1
            node.isFresh = true
            return (node, node.descriptor, nil)
        }
        if let file {
            let number = Array(String(file.file).utf8)
            defer { withExtendedLifetime(file) {} }
            descriptor = hold(above, try SourceCalls.open(in: descriptors, number, shareagent_open_path))
        }
        while let (node, place) = parked.popLast() {
            defer {
                unpin(above)
                above = node
            }
            descriptor = hold(node, try SourceCalls.openPlace(in: descriptor, place.name, of: node.identity))
        }
        return descriptor
    }

    /// No path is as long: two directories that others have moved about may each have been seen last below the other one.
    private static let deepest = 1 << 16

    /// Pins a node, which keeps what was opened for it where it has no descriptor yet.
    private func hold(_ node: Node, _ opened: CInt) -> CInt {
        var unused: [CInt] = []
        let descriptor: CInt = lock.withLock {
            node.pins += 1
            node.isFresh = true
            if node.descriptor >= 0 {
                unused.append(opened)
            } else {
                node.descriptor = opened
                holding.append(node)
                held += 1
                park(&unused)
            }
            return node.descriptor
        }
        for descriptor in unused { _ = close(descriptor) }
        return descriptor
    }

    private func unpin(_ node: Node) {
        let unused: CInt = lock.withLock {
            node.pins -= 1
            return node.pins == 0 && node.lookups == 0 ? takeDescriptor(node) : -1
        }
        if unused >= 0 { _ = close(unused) }
    }

    /// Opens a node's file by its name, where nothing of it is open yet: one call in the place of three. Nothing waits in it, whatever
    /// has come to stand there meanwhile.
    /// - Returns: nil where it has to be opened as a place first, which also tells why it cannot be.
    func openByName(_ node: Node, _ flags: CInt) -> (file: CInt, status: stat)? {
        guard let place = lock.withLock({ node.descriptor < 0 && node.files.isEmpty ? node.place : nil }) else { return nil }
        let careful = flags | O_NONBLOCK | shareagent_open_nofollow
        let opened = try? withDescriptor(place.parent) { (parent) throws(FuseError) in
            try SourceCalls.open(in: parent, place.name, careful)
        }
        guard let opened else { return nil }
        // Nobody waits for a file of data whatever it was opened with.
        if let status = try? SourceCalls.status(of: opened), Identity(status) == node.identity,
            node.identity.kind == UInt32(S_IFREG) || fcntl(opened, F_SETFL, flags) == 0
        {
            return (opened, status)
        }
        _ = close(opened)
        return nil
    }

    /// A name is about to go. A file that has others, or is open, is held from now on: its place is lost.
    func willLoseName(_ status: stat) {
        guard let node = known(status), !node.identity.isDirectory else { return }
        guard status.st_nlink > 1 else { return letGo(of: node) }
        // Where it cannot be held it can be looked up again by its other names.
        guard (try? pin(node)) != nil else { return }
        lock.withLock { node.pins -= 1 }
    }

    /// A file that nobody has open is about to lose its last name. NFS keeps it as `.nfs…` in its directory, which then cannot be removed, for
    /// as long as anybody holds it, even as a place only.
    private func letGo(of node: Node) {
        let unused: CInt = lock.withLock { node.pins == 0 && node.files.isEmpty && node.place != nil ? takeDescriptor(node) : -1 }
        if unused >= 0 { _ = close(unused) }
    }

    /// A file's name has gone.
    func lost(_ status: stat, in parent: Node, _ name: [UInt8]) {
        lock.withLock {
            guard let node = byIdentity[Identity(status)], let place = node.place, place.parent === parent, place.name == name else {
                return
            }
            node.place = nil
        }
    }

    /// A file stands elsewhere.
    func moved(_ status: stat, to parent: Node, _ name: [UInt8]) {
        lock.withLock { byIdentity[Identity(status)]?.place = Node.Place(parent: parent, name: name) }
    }

    /// How long a link's target is as it is shown, found out once.
    func targetSize(of node: Node, _ find: () -> UInt64?) -> UInt64? {
        if let known = lock.withLock({ node.targetSize }) { return known }
        guard let size = find() else { return nil }
        lock.withLock { node.targetSize = size }
        return size
    }

    /// How many nodes there are and how many descriptors they hold.
    var counts: (nodes: Int, descriptors: Int) { lock.withLock { (byID.count, held) } }

    // Under the lock.

    private func takeDescriptor(_ node: Node) -> CInt {
        let descriptor = node.descriptor
        node.descriptor = -1
        if descriptor >= 0 { held -= 1 }
        return descriptor
    }

    /// Parks what is longest not used, beyond the bound.
    private func park(_ unused: inout [CInt]) {
        var tries = 64
        while held > mostDescriptors, front < holding.count, tries > 0 {
            tries -= 1
            let node = holding[front]
            front += 1
            // Its descriptor was taken otherwise.
            if node.descriptor < 0 { continue }
            if node.pins > 0 || node.isFresh || (node.place == nil && node.files.isEmpty) {
                node.isFresh = false
                holding.append(node)
            } else {
                unused.append(takeDescriptor(node))
            }
        }
        // Nodes that were forgotten, or parked and held again, are dropped when they are the greater part.
        if holding.count > held * 2 + 1024 {
            holding = holding[front...].filter { $0.descriptor >= 0 }
            front = 0
        }
    }
}
