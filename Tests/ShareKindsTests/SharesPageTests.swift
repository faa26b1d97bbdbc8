import Glibc
import ShareModel
import Testing

@testable import ShareKinds

@Suite("docs/shares.md is what the code's tables say")
struct SharesPageTests {
    private static var path: String {
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/docs/shares.md"
    }

    private static func read() -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("the page is the tables; `make docs` prints it anew")
    func page() throws {
        let text = try SharesPage.text()
        if getenv("SHAREAGENT_WRITE_DOCS") != nil {
            let file = try #require(fopen(Self.path, "w"), "\(Self.path) cannot be written")
            fputs(text, file)
            fclose(file)
        }
        #expect(Self.read() == text, "docs/shares.md is out of date: type make docs")
    }

    @Test("each type has its chapter, which names all of its fields")
    func fields() throws {
        #expect(
            SharesPage.chapters.map(\.type).sorted { $0.rawValue < $1.rawValue } == SourceType.allCases.sorted { $0.rawValue < $1.rawValue }
        )
        for chapter in SharesPage.chapters {
            let named = Set(chapter.fields.flatMap { $0.name.split(separator: ", ").map(String.init) })
            #expect(named.isSuperset(of: chapter.source.map(\.key)), "\(chapter.type)")
            let sample = try SharesPage.sample(chapter)
            guard case .object(let members) = sample.source.value else { continue }
            #expect(named.isSuperset(of: members.map(\.key).filter { $0 != "type" }), "\(chapter.type)")
        }
    }

    @Test("every row says why and on what it rests", arguments: SourceType.allCases)
    func reasons(type: SourceType) {
        for tuning in type.tunings {
            #expect(!tuning.why.isEmpty && !tuning.basis.fact.isEmpty, "\(tuning.option)")
            #expect(!tuning.why.hasSuffix(".") && !tuning.profiles.isEmpty, "\(tuning.option)")
        }
    }
}
