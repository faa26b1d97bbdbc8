import Glibc
import ShareModel
import ShareWire
import Testing

/// The bytes of a file of the repository, its path given from this directory.
func repositoryFile(_ path: String, beside file: String = #filePath) throws -> [UInt8] {
    let directory = file[..<(file.lastIndex(of: "/") ?? file.endIndex)]
    let stream = try #require(fopen("\(directory)/\(path)", "r"), "\(path) is missing")
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    while case let byte = getc(stream), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    return bytes
}

@Suite("golden frames")
struct Golden {
    static func lines(_ name: String) throws -> [[UInt8]] {
        try repositoryFile("Golden/\(name).jsonl").split(separator: 0x0A).map(Array.init)
    }

    @Test("each message is its golden line, and the line is the message", arguments: GoldenFrames.files.map(\.name))
    func bothWays(name: String) throws {
        let messages = try #require(GoldenFrames.files.first { $0.name == name }).messages
        let lines = try Self.lines(name)
        #expect(lines.count == messages.count)
        for (line, message) in zip(lines, messages) {
            #expect(String(decoding: message.frame, as: UTF8.self) == String(decoding: line + [0x0A], as: UTF8.self))
            #expect(try Message(frame: line) == message)
        }
    }

    @Test("every method of the tables stands in its golden file, and no other")
    func complete() throws {
        func methods(_ messages: [Message]) -> Set<String> {
            Set(
                messages.compactMap { message in
                    switch message {
                    case .request(_, let method, _, _), .notification(let method, _, _): method
                    case .response, .failure: nil
                    }
                })
        }
        #expect(methods(GoldenFrames.guestToHost) == Set(GuestMethod.allCases.map(\.rawValue)))
        #expect(methods(GoldenFrames.hostToGuest) == Set(HostMethod.allCases.map(\.rawValue)))
        #expect(
            methods(GoldenFrames.controlSocket)
                == Set(ControlMethod.allCases.map(\.rawValue) + ControlNotification.allCases.map(\.rawValue)))
    }

    @Test("both ends' machines write and take the golden lines")
    func machines() throws {
        let nonce = try #require(Nonce(GoldenFrames.session))
        var guest = GuestSession(greeting: .fixture, freshNonce: { nonce })
        var host = HostSession(greeting: .fixture)
        let toGuest = try Self.lines("host-to-guest")
        let toHost = try Self.lines("guest-to-host")
        #expect(guest.opened(now: 0).written == [0xFF] + toHost[0] + [0x0A])
        #expect(host.opened(now: 0).written == [0xFF] + toGuest[0] + [0x0A])
        let greeted = host.received(toHost[0] + [0x0A], now: 0)
        #expect(greeted.written == [0xFF] + toGuest[1] + [0x0A])
        #expect(guest.received(greeted.written, now: 0) == [.established(.fixture, nonce: nonce)])
        // The host's requests are handed out as what they are; so are the guest's.
        for line in toGuest[3...8] {
            switch guest.received(line + [0x0A], now: 0).first {
            case .notification(.sharesChanged, let params)?: #expect(params["revision"] == 4)
            case .request(_, let method, let params)?: #expect(try Message(frame: line).asks(method.rawValue, params))
            case let other: Issue.record("\(String(decoding: line, as: UTF8.self)): \(String(describing: other))")
            }
        }
        for line in toHost[1...4] {
            guard case .request(_, let method, let params)? = host.received(line + [0x0A], now: 0).first else {
                Issue.record("\(String(decoding: line, as: UTF8.self)) is not taken")
                continue
            }
            #expect(try Message(frame: line).asks(method.rawValue, params))
        }
    }

    @Test("what golden reports, events and credentials say is understood")
    func contents() throws {
        let toHost = try Self.lines("guest-to-host").map { line in try Message(frame: line) }
        guard case .request(_, _, let report, _) = toHost[3], case .request(_, _, let event, _) = toHost[4] else { return }
        #expect(try HealthReport(report).shares.map(\.name) == ["projects", "media"])
        #expect(try ShareEvent(event).to == ShareEvent.Condition(.attached, .stalled))
        let toGuest = try Self.lines("host-to-guest").map { line in try Message(frame: line) }
        guard case .response(_, let list, _) = toGuest[9], case .response(_, let credential, _) = toGuest[10] else { return }
        let catalog = try Catalog(revision: 3, shares: list["shares"]?.elements ?? [], at: "shares")
        #expect(catalog.shares.map(\.name.text) == ["projects", "media"])
        guard case .password("media", "LAB", let password) = try Credential(credential, at: "result") else {
            Issue.record("no password")
            return
        }
        #expect(password.count == Array("a,b \"c\" d".utf8).count)
    }
}

extension Message {
    func asks(_ name: String, _ with: Value) -> Bool {
        switch self {
        case .request(_, let method, let params, _), .notification(let method, let params, _): method == name && params == with
        case .response, .failure: false
        }
    }
}

@Suite("docs/protocol.md says what the code does")
struct ProtocolDocument {
    static func lines() throws -> [Substring] {
        String(decoding: try repositoryFile("../../docs/protocol.md"), as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
    }

    /// The first cells of the table rows below a heading, without their backquotes.
    private func firstCells(under heading: String) throws -> [String] {
        let lines = try Self.lines()
        let start = try #require(lines.firstIndex { $0 == heading }, "no '\(heading)'")
        let level = heading.prefix { $0 == "#" }.count
        let section = lines[(start + 1)...].prefix { line in
            let own = line.prefix { $0 == "#" }.count
            return own == 0 || own > level
        }
        return section.compactMap { line in
            guard line.hasPrefix("| `") else { return nil }
            return line.dropFirst(3).split(separator: "`").first.map(String.init)
        }
    }

    @Test("its tables of methods are those of the code")
    func methods() throws {
        #expect(try firstCells(under: "### Guest to host") == GuestMethod.allCases.map(\.rawValue))
        #expect(try firstCells(under: "### Host to guest") == HostMethod.allCases.map(\.rawValue))
        #expect(try firstCells(under: "## Control socket") == ControlMethod.allCases.map(\.rawValue))
    }

    @Test("its table of limits has the numbers of the code")
    func limits() throws {
        let numbers: [String: Int64] = [
            "frameBytes": Int64(Limits.frameBytes), "depth": Int64(Limits.depth), "values": Int64(Limits.values),
            "stringBytes": Int64(Limits.stringBytes),
            "number": Limits.number, "idBytes": Int64(Limits.idBytes), "queueBytes": Int64(Limits.queueBytes),
            "reportBytes": Int64(Limits.reportBytes),
            "ackTimeoutMs": Limits.ackTimeoutMs,
            "errorAnswerIntervalMs": Limits.errorAnswerIntervalMs, "firstHelloPauseMs": Limits.firstHelloPauseMs,
            "longestHelloPauseMs": Limits.longestHelloPauseMs, "refusedHelloPauseMs": Limits.refusedHelloPauseMs,
            "pendingRequests": Int64(Limits.pendingRequests), "partialFrameMs": Limits.partialFrameMs,
            "sessionIntervalMs": Limits.sessionIntervalMs,
        ]
        var told: [String: Int64] = [:]
        for line in try Self.lines() where line.hasPrefix("| `") && line.contains("` | ") {
            let cells = line.split(separator: "|").map { $0.filter { !" `,".contains($0) } }
            if cells.count >= 2, let number = Int64(cells[1]), numbers[cells[0]] != nil { told[cells[0]] = number }
        }
        #expect(told == numbers)
    }

    @Test("its table of error numbers is that of the code")
    func errors() throws {
        let numbers = [
            RPCError.parseError, RPCError.invalidRequest, RPCError.methodNotFound, RPCError.invalidParams, RPCError.internalError,
            RPCError.failed,
            RPCError.protocolMismatch, RPCError.notPermitted, RPCError.busy,
        ]
        #expect(try firstCells(under: "## Errors") == numbers.map(String.init))
    }

    @Test("its example frames are golden ones, and every method and notification has one")
    func examples() throws {
        var golden: Set<String> = []
        for (name, _) in GoldenFrames.files { golden.formUnion(try Golden.lines(name).map { String(decoding: $0, as: UTF8.self) }) }
        let examples = try Self.lines().filter { $0.hasPrefix("{\"jsonrpc\"") }.map(String.init)
        for example in examples { #expect(golden.contains(example), "not golden: \(example)") }
        for method in GuestMethod.allCases.map(\.rawValue) + HostMethod.allCases.map(\.rawValue) + ControlMethod.allCases.map(\.rawValue) {
            #expect(examples.contains { $0.contains("\"method\":\"\(method)\"") }, "no example of \(method)")
        }
    }
}
