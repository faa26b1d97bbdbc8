public import ShareModel

extension MountPlan {
    /// A source that begins with the numeric addresses of its servers: no helper resolves names for the kernel, so the names never
    /// reach it and the mount table shows addresses.
    public struct AddressedSource: Sendable, Equatable {
        /// Whether every server that answered stands there, separated by commas; else the first one alone.
        public let takesAll: Bool
        /// Whether each address has its port behind it, and one of version 6 brackets around it.
        public let hasPorts: Bool
        /// What follows the addresses: `:/path`. Empty where nothing does.
        public let rest: [UInt8]

        /// The source for servers that were reached, in order.
        public func source(_ servers: [(address: Address, port: UInt16)]) -> [UInt8] {
            let told = takesAll ? servers[...] : servers.prefix(1)
            return Array(told.map(spelling).joined(separator: ",").utf8) + rest
        }

        private func spelling(_ address: Address, _ port: UInt16) -> String {
            guard hasPorts else { return address.text }
            return address.bytes.count == 4 ? "\(address.text):\(port)" : "[\(address.text)]:\(port)"
        }

        /// Whether a source of the mount table can be this one: some of the servers, in whatever order. A server that is a name may
        /// stand there with any address.
        func fits(_ source: [UInt8], _ needs: [AddressNeed]) -> Bool {
            let rest = Self.trimmed(rest)
            let seen = Self.trimmed(source[...])
            guard seen.count > rest.count, seen.suffix(rest.count).elementsEqual(rest) else { return false }
            let front = String(decoding: seen.dropLast(rest.count), as: UTF8.self)
            let entries = front.split(separator: ",", omittingEmptySubsequences: false)
            guard entries.count <= needs.count, takesAll || entries.count == 1 else { return false }
            return entries.allSatisfy { entry in
                guard let (address, port) = read(String(entry)) else { return false }
                return needs.contains { need in
                    (!hasPorts || port == need.port) && Address(need.server).map { $0 == address } ?? true
                }
            }
        }

        private func read(_ entry: String) -> (Address, UInt16)? {
            guard hasPorts else { return Address(entry).map { ($0, 0) } }
            guard let colon = entry.lastIndex(of: ":"), let port = UInt16(entry[entry.index(after: colon)...]) else { return nil }
            var host = String(entry[..<colon])
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            return Address(host).map { ($0, port) }
        }

        private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> { trimmed(bytes[...]) }

        /// Without slashes at the end; a path that is a slash alone counts as none.
        private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            bytes.dropLast(bytes.reversed().prefix { $0 == UInt8(ascii: "/") }.count)
        }
    }
}
