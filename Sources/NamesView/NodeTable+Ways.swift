import FuseKernel
import Glibc

// How open files are read and written, which is the same for all that have one node open.
extension NodeTable {
    /// As whom a file is passed through; nil where it is not.
    func passer(of node: Node) -> Passer? {
        lock.withLock {
            guard case .passed(_, let passer) = node.way else { return nil }
            return passer
        }
    }

    /// A file is opened.
    /// - Parameters:
    ///   - stamp: the file's; nil where it is not known.
    ///   - isServed: whether a passer's rights are enough for what the file is opened for. Must not wait.
    ///   - pass: asked for a number to pass the file through by, if nothing has it open yet, and as whom. Must not wait.
    /// - Returns: how it is read and written, and whether the kernel's pages of it are still what the source has; nil where it is passed
    ///   through as one who does not serve, and nothing was done.
    func opened(
        _ file: FileHandle, _ stamp: KnownNames.Stamp?, isServed: (Passer) -> Bool, pass: () -> (number: Int32, passer: Passer)?
    ) -> (way: Node.Way, isAsBefore: Bool)? {
        let isFresh = stamp?.isFresh ?? true
        return lock.withLock {
            let node = file.node
            if case .passed(_, let passer) = node.way, !isServed(passer) { return nil }
            let way: Node.Way
            if let known = node.way {
                way = known
            } else if node.isParted || partedFiles[node.identity] != nil {
                way = .answeredUnkept
            } else if let (number, passer) = pass() {
                way = .passed(number, passer)
            } else {
                way = .answered
            }
            node.files.append(file)
            node.way = way
            if node.isParted { partedFiles[node.identity, default: 0] += 1 }
            if case .passed = way { node.wasPassed = true }
            let isAsBefore = !node.wasPassed && stamp != nil && node.stamp == stamp
            // Shortly after a change the same stamp may stand for two contents.
            node.stamp = isFresh ? nil : stamp
            return (way, isAsBefore)
        }
    }

    /// A file is to be closed.
    /// - Returns: the number by which it was passed through, when nothing else has it open.
    func closed(_ file: FileHandle) -> Int32? {
        lock.withLock {
            let node = file.node
            let before = node.files.count
            node.files.removeAll { $0 === file }
            if node.isParted { countParted(node, node.files.count - before) }
            guard node.files.isEmpty else { return nil }
            defer { node.way = nil }
            return if case .passed(let number, _) = node.way { number } else { nil }
        }
    }

    /// The kernel reads and writes all open files of a node in one way. Who cannot be served by that has to look the file up anew, and is told
    /// of it as another one.
    func part(from node: Node) {
        lock.withLock {
            guard !node.isParted, !node.files.isEmpty else { return }
            node.isParted = true
            if byIdentity[node.identity] === node { byIdentity[node.identity] = nil }
            countParted(node, node.files.count)
        }
    }

    private func countParted(_ node: Node, _ change: Int) {
        let count = partedFiles[node.identity, default: 0] + change
        partedFiles[node.identity] = count > 0 ? count : nil
    }
}
