import ShareModel

/// Gathers every problem of a configuration instead of stopping at the first.
///
/// The readers of values stop at the first problem of their object. To find the others, the member that the problem names
/// is taken out and the object is read again, until it is sound or what is left cannot be taken out.
struct ProblemCollector {
    /// As many problems of one object are told.
    static let perObject = 32

    private(set) var problems: [FieldProblem] = []

    mutating func add(_ problem: FieldProblem) {
        problems.append(problem)
    }

    mutating func add(_ path: String, _ message: String) {
        problems.append(FieldProblem(path: path, message: message))
    }

    /// Reads an object; nil when it has problems, all of which are kept.
    mutating func read<Result>(
        _ value: Value, at path: String, _ reader: (Value, String) throws(FieldProblem) -> Result
    ) -> Result? {
        var value = value
        var found: [FieldProblem] = []
        while found.count < Self.perObject {
            do {
                let result = try reader(value, path)
                problems += found
                return found.isEmpty ? result : nil
            } catch {
                // A member that was taken out is missing only because of that.
                if found.contains(where: { $0.path == error.path }) { break }
                found.append(error)
                guard error.path.hasPrefix(path), let smaller = value.removing(error.path.dropFirst(path.count)) else { break }
                value = smaller
            }
        }
        problems += found
        return nil
    }
}

extension Value {
    /// This value without the member that a path such as `.source.tag` names; nil when there is none, or when the path ends
    /// with an index: taking out an element would move those behind it.
    fileprivate func removing(_ path: Substring) -> Value? {
        let path = path.hasPrefix(".") ? path.dropFirst() : path
        if let end = path.firstIndex(where: { $0 == "." || $0 == "[" }), case let key = path[..<end], !key.isEmpty {
            guard case .object(var members) = self, let index = members.firstIndex(where: { $0.key == key }),
                let smaller = members[index].value.removing(path[end...])
            else { return removingMember(path) }
            members[index] = Member(members[index].key, smaller)
            return .object(members)
        }
        if path.hasPrefix("["), let end = path.firstIndex(of: "]"), let index = Int(path[path.index(after: path.startIndex)..<end]) {
            guard case .array(var elements) = self, elements.indices.contains(index),
                let smaller = elements[index].removing(path[path.index(after: end)...])
            else { return nil }
            elements[index] = smaller
            return .array(elements)
        }
        return removingMember(path)
    }

    /// Keys such as `a.b` of labels hold what elsewhere parts a path.
    private func removingMember(_ key: Substring) -> Value? {
        guard case .object(var members) = self, let index = members.firstIndex(where: { $0.key.printable == key }) else { return nil }
        members.remove(at: index)
        return .object(members)
    }
}
