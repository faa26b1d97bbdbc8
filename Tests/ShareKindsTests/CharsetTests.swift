import ShareKinds
import ShareModel
import Testing

@Suite("names of SMB shares, by mount options")
struct CharsetTests {
    private func options(_ names: KeyValuePairs<String, Value>, _ native: KeyValuePairs<String, Value> = [:]) throws -> [String] {
        let share = try smb(
            [],
            [
                .init("names", .object(names.map { Value.Member($0.key, $0.value) })),
                .init("options", .object(native.map { Value.Member($0.key, $0.value) })),
            ])
        return try MountPlan.make(share, policy: .standard).text().split(separator: ",").map(String.init)
    }

    @Test(
        "one mapping of reserved characters, and one name however it is typed where that is wished",
        arguments: [
            (nil, "mapposix"), ("sfm", "mapposix"), ("sfu", "mapchars"), ("none", "nomapposix"),
        ] as [(String?, String)])
    func mapping(reserved: String?, option: String) throws {
        let found = try reserved.map { try options(["reserved": .string($0), "case": "insensitive"]) } ?? options([:])
        #expect(found.filter { ["mapposix", "mapchars", "nomapposix", "nomapchars"].contains($0) } == [option])
        #expect(found.contains("iocharset=utf8"))
        #expect(found.contains("nocase") == (reserved != nil))
    }

    @Test("an encoding changes nothing about a share that carries Unicode, and that is told")
    func encoding() throws {
        let share = try smb([], [.init("names", .object(["encoding": "cp936"]))])
        let plan = try MountPlan.make(share, policy: .standard)
        #expect(try plan.text().contains("iocharset=utf8"))
        #expect(plan.warnings.contains { $0.contains("SMB carries names as Unicode") })
    }

    @Test(
        "a charset that the kernel has no module for is named, with the package that has it",
        arguments: [
            ("Debian GNU/Linux 12 (bookworm)", "apt install linux-image-amd64"),
            ("Ubuntu 24.04 LTS", "apt install linux-modules-extra-6.8.0-40-generic"), ("Fedora Linux 42", "dnf install kernel-modules-6.8"),
            ("Something", "install the package with all modules"),
        ])
    func missing(system: String, remedy: String) throws {
        let plan = try MountPlan.make(try smb(), policy: .standard)
        let charset = try #require(plan.charset)
        #expect(charset == "utf8")
        let cause = plan.charsetMissing(charset, kernel: "6.8.0-40-generic", system: system)
        #expect(cause.code == .charsetUnavailable && cause.message.contains("nls_utf8"))
        #expect(cause.remedy[0].hasPrefix(remedy), "\(cause.remedy)")
        let wished = try MountPlan.make(try smb([], [.init("options", .object(["iocharset": "koi8-r"]))]), policy: .standard)
        #expect(wished.charset == "koi8-r")
        #expect(wished.charsetMissing("koi8-r", kernel: "6.1", system: system).remedy.last?.contains("leave iocharset out") == true)
        #expect(try MountPlan.make(try nfs(), policy: .standard).charset == nil)
    }
}
