import Testing

@testable import HostPeer

@Suite("Addresses to listen on")
struct ListenAddressTests {
    @Test(
        "an address is written back as it was read",
        arguments: ["127.0.0.1:9477", "0.0.0.0:1", "[::1]:9477", "[fe80::1.2.3.4]:65535", "127.0.0.1:0"])
    func valid(text: String) throws {
        #expect(try #require(ListenAddress(text)).description == text)
    }

    @Test(
        "what is no IP address with a port is none",
        arguments: [
            "", ":", "9477", "127.0.0.1", "localhost:9477", "::1:9477", "127.0.0:9477", "127.0.0.256:1", "127.0.0.1:65536", "[::1]",
            "[host]:1", "127.0.0.+1:1",
        ])
    func invalid(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
