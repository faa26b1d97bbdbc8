import ShareKinds
import ShareModel
import Testing

/// How the kernel's SMB client splits mount data: at commas, where two in a row are one that belongs to the value
/// (smb3_fs_context_parse_monolithic in fs/smb/client/fs_context.c of Linux 6.1 and 6.12).
func kernelReading(_ data: [UInt8]) -> [(name: String, value: [UInt8]?)] {
    var options: [[UInt8]] = []
    var current: [UInt8] = []
    var index = 0
    while index < data.count {
        if data[index] == UInt8(ascii: ",") {
            if index + 1 < data.count, data[index + 1] == UInt8(ascii: ",") {
                current.append(UInt8(ascii: ","))
                index += 2
                continue
            }
            options.append(current)
            current = []
        } else {
            current.append(data[index])
        }
        index += 1
    }
    options.append(current)
    return options.map { option in
        let parts = option.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        return (String(decoding: parts[0], as: UTF8.self), parts.count > 1 ? Array(parts[1]) : nil)
    }
}

@Suite("A password reaches the kernel as it is, whatever is in it")
struct PasswordTests {
    private func roundTrip(_ password: [UInt8]) throws -> (names: [String], password: [UInt8]?) {
        let plan = try MountPlan.make(try smb([], [.init("credential", "c")]), policy: .standard)
        let credential = Credential.password(username: "alice", domain: "CORP", password: Secret(copying: password))
        let data = try plan.data(for: plan.attempts[0], address: Address("10.77.0.1"), credential: credential)
        let options = kernelReading(data.withBytes { Array($0) })
        return (options.map(\.name), options.last { $0.name == "password" }?.value ?? nil)
    }

    @Test(
        "awkward ones",
        arguments: [
            "pa,ss \"wo'rd", ",", ",,", ",,,", "a,", ",a", "a,,b", "suid,dev", ",sec=none", ",,sec=none", " leading", "trailing ",
            "back\\slash", "per%cent",
            "=", "a=b", "päßwörd", "密码", "🔑", "\"", "'", "`id`", "$(id)", "%s", "\t", "password=x", "x,password=y",
        ])
    func awkward(_ password: String) throws {
        let plain = try roundTrip(Array("plain".utf8))
        let result = try roundTrip(Array(password.utf8))
        #expect(result.password == Array(password.utf8))
        #expect(result.names == plain.names)
    }

    @Test("any bytes but NUL")
    func random() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix(state: seed)
        let names = try roundTrip(Array("plain".utf8)).names
        for _ in 0..<2000 {
            let length = Int.random(in: 1...64, using: &generator)
            // Commas are made common, since they are what matters.
            let password = (0..<length).map { _ in
                Bool.random(using: &generator) ? UInt8(ascii: ",") : UInt8.random(in: 1...255, using: &generator)
            }
            let result = try roundTrip(password)
            #expect(result.password == password && result.names == names, "seed \(seed): \(password)")
        }
    }

    @Test("one longer than the kernel's client reads is refused, at the limit and one past it")
    func tooLong() throws {
        let limit = MountPlan.passwordLimit
        #expect(try roundTrip(Array(repeating: UInt8(ascii: ","), count: limit)).password?.count == limit)
        let cause = #expect(throws: Cause.self) { try roundTrip(Array(repeating: UInt8(ascii: "k"), count: limit + 1)) }
        #expect(cause?.code == .optionRefused && cause?.message.contains("129 bytes") == true && cause?.message.contains("kk") == false)
    }

    @Test("one that the kernel cannot be given is refused, without being shown")
    func impossible() throws {
        for password in [
            [UInt8(ascii: "s"), 0, UInt8(ascii: "x")], Array(repeating: UInt8(ascii: "k"), count: 5000),
            Array(repeating: UInt8(ascii: ","), count: 2040),
        ] {
            let cause = #expect(throws: Cause.self) { try roundTrip(password) }
            #expect(cause?.code == .optionRefused)
            #expect(cause?.message.contains("kk") == false)
        }
    }

    @Test("a user name that would be read as two options is refused")
    func username() throws {
        let plan = try MountPlan.make(try smb([], [.init("credential", "c")]), policy: .standard)
        for (user, domain) in [("a,sec=none", nil), ("a", "d,suid"), ("a\u{0}", nil), ("a\nb", nil)] as [(String, String?)] {
            let credential = Credential.password(username: user, domain: domain, password: Secret(copying: [1]))
            #expect(throws: Cause.self) { try plan.text(0, credential) }
        }
    }

    @Test("without one there is a cause, not an empty one")
    func missing() throws {
        let plan = try MountPlan.make(try smb([], [.init("credential", "c")]), policy: .standard)
        let cause = #expect(throws: Cause.self) { try plan.text(0, nil) }
        #expect(cause?.code == .credentialMissing)
    }
}

/// A small generator whose seed can be printed (Steele, Lea, Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
