import ShareModel

/// Gathers every problem of a configuration instead of stopping at the first.
///
/// The readers of values stop at the first problem of their object. To find the others, what the problem names is taken out,
/// or replaced where the object needs it, and the object is read again, until it is sound or nothing more can be done.
struct ProblemCollector {
    /// As many problems of one object are told.
    static let perObject = 32

    private(set) var problems: [FieldProblem] = []

    mutating func add(_ path: String, _ message: String) {
        problems.append(FieldProblem(path: path, message: message))
    }

    /// Reads an object; nil when it has problems, all of which are kept.
    /// - Parameter sound: for keys that the object needs, a value that is right.
    mutating func read<Result>(
        _ value: Value, at path: String, sound: KeyValuePairs<String, Value> = [:],
        _ reader: (Value, String) throws(FieldProblem) -> Result
    ) -> Result? {
        var value = value
        var found: [FieldProblem] = []
        var mended: Set<String> = []
        while found.count < Self.perObject {
            do {
                let result = try reader(value, path)
                problems += found
                return found.isEmpty ? result : nil
            } catch {
                guard error.path.hasPrefix(path) else {
                    found.append(error)
                    break
                }
                let place = error.path.dropFirst(path.count).drop { $0 == "." }
                // What was taken out is missed because of that, and so are its neighbours where one of several is needed.
                let isOwnFault = found.contains { $0.path.hasPrefix(error.path) }
                if !isOwnFault { found.append(error) }
                let key = String(place.prefix { $0 != "." && $0 != "[" })
                let mend = sound.first { $0.key == key }?.value
                if let mend, place == key || isOwnFault, mended.insert(key).inserted {
                    value = value.replacing(key, with: mend)
                } else if !isOwnFault, let smaller = value.removing(place) {
                    value = smaller
                } else {
                    break
                }
            }
        }
        problems += found
        return nil
    }
}

extension Value {
    fileprivate func replacing(_ key: String, with value: Value) -> Value {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.key != key } + [Member(key, value)])
    }

    /// This value without the member that a path such as `source.tag` names; nil when there is none, or when the path ends
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
