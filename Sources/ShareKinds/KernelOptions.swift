public import ShareModel

extension MountPlan {
    /// The kernel reads at most one page of options, a terminating NUL included.
    public static let dataLimit = 4095
    /// What the SMB client makes the key of a user from: it converts no more bytes of the password (E_md4hash in
    /// fs/smb/client/smbencrypt.c; 254 bytes were seen to be refused by Samba, 128 to be taken).
    public static let passwordLimit = 128

    /// The option string of one attempt as the kernel's parsers split it, secrets included.
    ///
    /// - Parameters:
    ///   - address: the server's numeric address, where the plan needs one.
    ///   - credential: the secret, where the plan needs one.
    ///   - key: the description of the key in the keyring, where the plan needs one.
    /// - Throws: the cause, when something does not fit into one option or the whole not into a page.
    public func data(for attempt: Attempt, address: Address? = nil, credential: Credential? = nil, key: String? = nil) throws(Cause)
        -> Secret
    {
        // Full capacity from the start: growing would leave copies of the secret behind in freed memory.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.dataLimit * 2)
        defer { unsafe bytes.withUnsafeMutableBytes { unsafe wipe($0) } }
        if let option = self.address?.option, let address { append(option, address.text, to: &bytes) }
        for option in attempt.options {
            guard isOptionName(option.name) else { throw smuggling(option.name) }
            if option.name == "context", let value = option.value {
                guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") }) else {
                    throw smuggling(option.name)
                }
                append(option.name, "\"\(value)\"", to: &bytes)  // levels and categories have commas: c0,c1
                continue
            }
            if let value = option.value, !isOneOptionText(value) { throw smuggling(option.name) }
            append(option.name, option.value(toward: address), to: &bytes)
        }
        try appendUser(of: credential, to: &bytes)
        if self.credential == .key, let key { append("key", key, to: &bytes) }
        try appendCredential(credential, to: &bytes)
        guard bytes.count <= Self.dataLimit else {
            throw Cause(
                .optionRefused, "share '\(share)': the options have \(bytes.count) bytes, the kernel takes \(Self.dataLimit)",
                remedy: ["set fewer native options, or use a shorter password"])
        }
        return Secret(copying: bytes)
    }

    private func append(_ name: String, _ value: String?, to bytes: inout [UInt8]) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
        bytes += name.utf8
        if let value {
            bytes.append(UInt8(ascii: "="))
            bytes += value.utf8
        }
    }

    /// The key's user, where the share itself names none.
    private func appendUser(of credential: Credential?, to bytes: inout [UInt8]) throws(Cause) {
        guard self.credential == .key, case .key(let username?, _) = credential else { return }
        guard !attempts.contains(where: { $0.options.contains { $0.name == "name" } }) else { return }
        guard isOneOptionText(username) else {
            throw Cause(
                .optionRefused, "share '\(share)': the credential's username has a character that would end or split an option",
                remedy: ["name the cephx user without 'client.', in letters, digits and . _ -"])
        }
        append("name", username, to: &bytes)
    }

    private func appendCredential(_ credential: Credential?, to bytes: inout [UInt8]) throws(Cause) {
        guard self.credential == .password else { return }
        guard case .password(let username, let domain, let password) = credential else {
            throw Cause(
                .credentialMissing, "share '\(share)': a user name and password are needed and the host gave none",
                remedy: ["give the share's credential on the host: credentials in /etc/sharehost/sharehost.yaml"])
        }
        // A second domain would be read as the last one; the share's own field wins.
        let hasDomain = attempts.contains { $0.options.contains { $0.name == "domain" } }
        for (name, value) in [("username", username), ("domain", hasDomain ? nil : domain)] {
            guard let value else { continue }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ",") }) else {
                throw Cause(
                    .optionRefused, "share '\(share)': the credential's \(name) has a comma or control character",
                    remedy: ["name the user in another spelling, such as user@domain"])
            }
            append(name, value, to: &bytes)
        }
        guard password.count <= Self.passwordLimit || password.count > Self.dataLimit / 2 else {
            throw Cause(
                .optionRefused,
                "share '\(share)': the password has \(password.count) bytes, and the kernel's SMB client reads only the first \(Self.passwordLimit)",
                remedy: ["give the user a shorter password on the server; letters beyond ASCII have two to four bytes"])
        }
        // Last, so that nothing in it can be taken for the start of another option by whoever splits differently.
        guard password.count <= Self.dataLimit / 2, bytes.count <= Self.dataLimit else {
            throw Cause(
                .optionRefused, "share '\(share)': options and password are longer than the \(Self.dataLimit) bytes that the kernel takes")
        }
        append("password", "", to: &bytes)
        let holdsNUL = unsafe password.withBytes { secret in
            for index in secret.indices {
                let byte = unsafe secret[index]
                bytes.append(byte)
                // The SMB client reads two commas as one that belongs to the value.
                if byte == UInt8(ascii: ",") { bytes.append(byte) }
            }
            return unsafe secret.contains(0)
        }
        if holdsNUL {
            throw Cause(.optionRefused, "share '\(share)': the password has a NUL byte, which the kernel cannot be given")
        }
    }

    private func smuggling(_ name: String) -> Cause {
        Cause(
            .optionRefused, "share '\(share)': option '\(name)' has a character that would end or split it",
            remedy: ["write one option a key, without commas, quotes or blanks in its value"])
    }
}

extension TunedOption {
    /// NFS goes by another transport to an address of version 6; the kernel refuses the other one (fs/nfs/fs_context.c:
    /// nfs_validate_text_mount_data's check of the families).
    func value(toward address: Address?) -> String? {
        guard let address, address.bytes.count == 16, name == "proto" || name == "mountproto", value == "tcp" else { return value }
        return "tcp6"
    }
}

extension Address {
    /// The address as the kernel's parsers read it: `10.77.0.1`, `fd00:0:0:0:0:0:0:1`, `fe80:0:0:0:0:0:0:1%2` (a number there, since
    /// the SMB client reads no interface's name: fs/smb/client/netmisc.c, cifs_convert_address).
    public var text: String {
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        let plain = stride(from: 0, to: bytes.count - 1, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
        return zone == 0 ? plain : "\(plain)%\(zone)"
    }
}
