import FileNames
import ShareModel
import Testing

/// ShareModel says which encodings a catalog may name without knowing any; here is the one place where both are seen.
@Suite("encodings of a catalog and of the view")
struct EncodingTests {
    private func share(_ encoding: String) throws -> Share {
        try Share(
            .object([
                "name": "a", "source": .object(["type": "virtiofs", "tag": "t"]), "names": .object(["encoding": .string(encoding)]),
            ]), at: "")
    }

    @Test("each charset of the view can be named", arguments: Charset.allCases)
    func all(charset: Charset) throws {
        #expect(try share(charset.rawValue).names[.encoding] == charset.rawValue)
    }

    @Test("each other name that a catalog may use means a charset to the view")
    func aliases() throws {
        let words = NamesWish.knownEncodings
        #expect(words.count > Charset.allCases.count)
        for word in words { #expect(Charset(named: word) != nil, "\(word)") }
    }
}
