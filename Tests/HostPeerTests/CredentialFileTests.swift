import Glibc
import ShareModel
import Testing

@testable import HostPeer

@Suite("Credential files")
struct CredentialFileTests {
    @Test(
        "a secret is the file's text less one newline",
        arguments: [("pa,ss \"w", "pa,ss \"w"), ("secret\n", "secret"), ("secret\n\n", "secret\n"), (" secret ", " secret ")])
    func reading(text: String, secret: String) throws {
        let folder = try Folder()
        let file = try folder.write(text, to: "secret", mode: 0o600)
        #expect(try CredentialFile.read(file, owner: geteuid()) == secret)
    }

    @Test(
        "a file that others could read or write is not used",
        arguments: [0o640, 0o604, 0o620, 0o610, 0o601, 0o644, 0o666, 0o4600] as [mode_t])
    func modes(mode: mode_t) throws {
        let folder = try Folder()
        let file = try folder.write("secret", to: "secret", mode: mode)
        let problem = #expect(throws: CredentialFile.Problem.self) { try CredentialFile.check(file, owner: geteuid()) }
        #expect(problem?.sentence.contains("chmod 0600") == true)
    }

    @Test("0600 and 0400 are strict enough", arguments: [0o600, 0o400] as [mode_t])
    func strict(mode: mode_t) throws {
        let folder = try Folder()
        let file = try folder.write("secret", to: "secret", mode: mode)
        try CredentialFile.check(file, owner: geteuid())
        #expect(try CredentialFile.read(file, owner: geteuid()) == "secret")
    }

    @Test("a file of somebody else, a link, a directory and nothing at all are not used")
    func kinds() throws {
        let folder = try Folder()
        let file = try folder.write("secret", to: "secret", mode: 0o600)
        let link = folder.path + "/link"
        symlink(file, link)
        #expect(throws: CredentialFile.Problem(sentence: "belongs to user \(geteuid()), not to \(geteuid() + 1)")) {
            try CredentialFile.check(file, owner: geteuid() + 1)
        }
        #expect(throws: CredentialFile.Problem(sentence: "is a symbolic link")) { try CredentialFile.check(link, owner: geteuid()) }
        #expect(throws: CredentialFile.Problem(sentence: "is no regular file")) { try CredentialFile.check(folder.path, owner: geteuid()) }
        #expect(throws: CredentialFile.Problem(sentence: "cannot be opened: no such file or directory (ENOENT)")) {
            try CredentialFile.check(folder.path + "/nothing", owner: geteuid())
        }
    }

    @Test("an empty secret, one with a NUL, one that is no text and one past the limit are not sent")
    func contents() throws {
        let folder = try Folder()
        let cases: [([UInt8], String)] = [
            ([], "is empty"), ([0x0A], "is empty"), ([0x61, 0x00], "is no UTF-8 text, and cannot be sent"),
            ([0xFF], "is no UTF-8 text, and cannot be sent"),
            ([UInt8](repeating: 0x61, count: CredentialFile.limit + 1), "has more than 4096 bytes"),
        ]
        for (index, (bytes, sentence)) in cases.enumerated() {
            let file = try folder.write(bytes, to: "secret\(index)", mode: 0o600)
            #expect(throws: CredentialFile.Problem(sentence: sentence)) { try CredentialFile.read(file, owner: geteuid()) }
        }
        let longest = try folder.write([UInt8](repeating: 0x61, count: CredentialFile.limit) + [0x0A], to: "longest", mode: 0o600)
        #expect(try CredentialFile.read(longest, owner: geteuid()).utf8.count == CredentialFile.limit)
    }
}
