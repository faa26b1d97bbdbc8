extension Share {
    /// Limits of what a share may wish.
    public enum Limits {
        /// Native options at most.
        public static let options = 64
        /// Labels at most.
        public static let labels = 64
        /// The longest name or value of an option or label, in bytes (fsconfig takes 255).
        public static let textBytes = 255
        /// The longest wait that can be wished, in seconds: a day.
        public static let seconds: ClosedRange<Int64> = 1...86_400
    }

    static func placed<Result>(_ path: String, _ read: () throws(FieldProblem) -> Result) throws(FieldProblem) -> Result {
        do {
            return try read()
        } catch {
            throw FieldProblem(path: path, message: error.message)
        }
    }

    static func texts(_ map: [(key: String, value: String)]?, at path: String, count: Int) throws(FieldProblem) -> [String: String] {
        guard let map else { return [:] }
        guard map.count <= count else { throw FieldProblem(path: path, message: "has at most \(count) entries") }
        var texts: [String: String] = [:]
        for (key, value) in map {
            let place = "\(path).\(key.printable)"
            guard !key.isEmpty, key.utf8.count <= Limits.textBytes, value.utf8.count <= Limits.textBytes else {
                throw FieldProblem(path: place, message: "names and values have 1 to \(Limits.textBytes) bytes")
            }
            guard (key + value).utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw FieldProblem(path: place, message: "has a control character")
            }
            // Dictionary keys follow canonical equivalence; two that differ in bytes only must not merge silently.
            guard texts.updateValue(value, forKey: key) == nil else { throw FieldProblem(path: place, message: "stands twice") }
        }
        return texts
    }

    /// As the contract's JSON; what is at its default is left out.
    public var value: Value {
        .object([
            "name": .string(name.text),
            "source": source.value,
            "target": .text(target?.text),
            "access": .string(access.rawValue),
            "profile": profile == .balanced ? nil : .string(profile.rawValue),
            "failure": failure == .auto ? nil : .string(failure.rawValue),
            "giveUpSeconds": .number(giveUpSeconds),
            "keepaliveSeconds": .number(keepaliveSeconds),
            "recover": recover == .wait ? nil : .string(recover.rawValue),
            "attach": attach == .auto ? nil : .string(attach.rawValue),
            "required": required ? .bool(true) : nil,
            "mount": mount == MountWishes() ? nil : mount.value,
            "ownership": ownership == Ownership() ? nil : ownership.value,
            "names": Value(texts: names.words),
            "credential": .text(credential),
            "selinux": selinuxContext.map { .object(["context": .string($0)]) },
            "options": Value(texts: options),
            "labels": Value(texts: labels),
        ])
    }
}

extension Value {
    /// A mapping of texts in the order of its keys; nil when empty.
    public init?(texts: [String: String]) {
        guard !texts.isEmpty else { return nil }
        self = .object(texts.sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) })
    }
}

extension Share.MountWishes {
    init(_ fields: Fields?) throws(FieldProblem) {
        self.init()
        guard var fields else { return }
        exec = try fields.truth("exec") ?? exec
        suid = try fields.truth("suid") ?? suid
        dev = try fields.truth("dev") ?? dev
        atime = try fields.word("atime") ?? atime
        try fields.end()
    }

    fileprivate var value: Value {
        .object(["exec": .bool(exec), "suid": .bool(suid), "dev": .bool(dev), "atime": .string(atime.rawValue)])
    }
}

extension Share.Ownership {
    init(_ fields: Fields?) throws(FieldProblem) {
        self.init()
        guard var fields else { return }
        // (uid_t)-1 means "leave alone" to the kernel, so it is no user.
        let ids: ClosedRange<Int64> = 0...Int64(UInt32.max - 1)
        uid = try fields.number("uid", in: ids).map(Int.init)
        gid = try fields.number("gid", in: ids).map(Int.init)
        fileMode = try fields.mode("fileMode")
        directoryMode = try fields.mode("directoryMode")
        try fields.end()
    }

    fileprivate var value: Value {
        .object([
            "uid": .number(uid), "gid": .number(gid), "fileMode": .text(fileMode.map(octal)),
            "directoryMode": .text(directoryMode.map(octal)),
        ])
    }
}

extension Share {
    /// The same share with none of its native options.
    public var withoutOptions: Share { Share(self, target: target, options: [:]) }
}
