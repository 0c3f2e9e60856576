import ConnectService
import Testing

@Suite("RedirectURIAllowlist") struct RedirectURIAllowlistTests {
    private static let listed = [
        "https://app.example.com/oauth/Kept", "https://app.example.com/oauth/done?tenant=a;b",
        "https://other.example/",
        "http://127.0.0.1/callback", "http://localhost:8080/callback?x=1", "http://[::1]/callback",
        "com.example.app:/done",
    ]

    private let list: RedirectURIAllowlist

    init() throws { list = RedirectURIAllowlist(try Self.listed.map { try RedirectURI($0) }) }

    @Test(arguments: listed)
    func `what is listed is allowed`(_ text: String) { #expect(list.allows(text)) }

    @Test(arguments: [
        "http://127.0.0.1:1/callback", "http://127.0.0.1:49152/callback", "http://127.0.0.1:65535/callback",
        "http://localhost/callback?x=1", "http://localhost:3000/callback?x=1", "http://[::1]:8000/callback",
    ])
    func `a loopback URI is allowed with any port`(_ text: String) { #expect(list.allows(text)) }

    @Test(arguments: [
        "https://app.example.com/oauth/kept", "https://app.example.com/oauth/Kept/",
        "https://app.example.com/oauth/Kept?",
        "https://app.example.com/oauth/Kept?a=b", "https://app.example.com/oauth/Kep",
        "https://app.example.com/oauth",
        "https://app.example.com/oauth/Keptx", "https://app.example.com//oauth/Kept",
        "https://app.example.com/oauth//Kept",
        "https://app.example.com/oauth/./Kept", "https://app.example.com/oauth/x/../Kept",
        "https://app.example.com/oauth/Kept/..", "https://app.example.com/oauth/%4bept",
        "https://app.example.com/oauth%2fKept", "https://app.example.com/oauth/Kept%2f",
        "https://app.example.com:443/oauth/Kept", "https://app.example.com:8443/oauth/Kept",
        "https://app.example.com./oauth/Kept", "HTTPS://app.example.com/oauth/Kept",
        "https://APP.example.com/oauth/Kept",
        "http://app.example.com/oauth/Kept", "https://evil.example/oauth/Kept",
        "https://app.example.com.evil.example/oauth/Kept",
        "https://evil.example/https://app.example.com/oauth/Kept",
        "https://evil.example?https://app.example.com/oauth/Kept",
        "https://xapp.example.com/oauth/Kept", "https://example.com/oauth/Kept", "https://other.example",
        "https://app.example.com/oauth/done", "https://app.example.com/oauth/done?tenant=a",
        "https://app.example.com/oauth/done?tenant=a;b&x=1", "https://app.example.com/oauth/done?TENANT=a;b",
        "com.example.app:/done/", "com.example.app://done", "com.example.app:done", "COM.example.app:/done",
        "",
    ])
    func `S13 what differs in a character is refused`(_ text: String) { #expect(!list.allows(text)) }

    @Test(arguments: [
        "https://app.example.com/oauth/\u{212a}ept", "https://app.example.com/oauth/done?tenant=a\u{37e}b",
    ])
    func `S13 characters that Unicode calls equivalent are other characters`(_ text: String) {
        #expect(Self.listed.contains(text), "Swift compares strings by canonical equivalence")
        #expect(!list.allows(text))
    }

    @Test(arguments: [
        "http://127.0.0.1:80/", "http://127.0.0.1:80/callback/", "http://127.0.0.1:80/Callback",
        "http://127.0.0.1/callback?a=b",
        "http://127.0.0.1:80/x/../callback", "http://127.0.0.1:80/%63allback", "http://127.0.0.2:80/callback",
        "http://localhost/callback", "http://localhost:80/callback?x=2",
        "http://localhost:8080/callback?x=1&y=2",
        "http://[::2]/callback", "http://[::1]/callback/", "https://127.0.0.1/callback",
        "https://localhost:8080/callback?x=1",
        "http://127.0.0.1.evil.example:80/callback", "http://127.0.0.1:80@evil.example/callback",
        "http://localhost:8080@evil.example/callback?x=1", "http://127.0.0.1:80\\@evil.example/callback",
        "http://127.0.0.1:-0/callback", "http://127.0.0.1:+80/callback", "http://127.0.0.1:/callback",
        "http://127.0.0.1:65536/callback", "http://127.0.0.1:080000/callback",
        "http://127.0.0.1:8 0/callback",
        "http://127.0.0.1:80#/callback", "http://LOCALHOST:80/callback?x=1", "HTTP://127.0.0.1/callback",
        "//127.0.0.1/callback", "http:/127.0.0.1/callback", "http://0x7f.1/callback",
    ])
    func `S13 a loopback URI with more than another port is refused`(_ text: String) {
        #expect(!list.allows(text))
    }

    @Test func `S13 without a loopback URI in the list no port is free`() throws {
        let list = RedirectURIAllowlist([try RedirectURI("https://app.example.com/callback")])
        #expect(!list.allows("http://127.0.0.1/callback"))
        #expect(!list.allows("https://app.example.com:8443/callback"))
    }

    @Test func `an empty list allows nothing`() {
        #expect(RedirectURIAllowlist([]).isEmpty)
        #expect(Self.listed.allSatisfy { !RedirectURIAllowlist([]).allows($0) })
    }

    @Test(arguments: [
        "http://127.0.0.1:3000/a", "http://localhost/b?c", "http://[::1]:1/d", "https://localhost:3000/a",
    ])
    func `development allows whatever leads to the machine itself`(_ text: String) {
        #expect(RedirectURIAllowlist.everyLoopback.allows(text))
        #expect(!RedirectURIAllowlist.everyLoopback.isEmpty)
    }

    @Test(arguments: [
        "https://app.example.com/", "http://app.example.com/", "http://localhost.evil.example/",
        "com.example.app:/done",
        "http://127.0.0.1@evil.example/", "http://127.0.0.1:-0/", "javascript:alert(1)//localhost",
        "//localhost/",
        "http://localhost\\@evil.example/", "http://localhost/#", "http://[::1]evil.example/", "",
    ])
    func `S13 development allows nothing that leads elsewhere`(_ text: String) {
        #expect(!RedirectURIAllowlist.everyLoopback.allows(text))
    }

    @Test func `S13 no mutation of a listed URI is allowed`() {
        var mutator = Mutator(seed: 20_260_101)
        var allowed = 0
        for round in 0..<200_000 {
            let original = Self.listed[round % Self.listed.count]
            let mutation = mutator.mutate(original)
            guard list.allows(mutation) else { continue }
            allowed += 1
            if !Self.isListedOrOtherPort(mutation) { Issue.record("allowed: \(mutation.debugDescription)") }
        }
        // The generator does reach allowed ones: other ports, and the listed ones again.
        #expect(allowed > 100)
    }

    /// By octets, and without any parsing of ours: the listed loopback URIs, split by hand where a port may stand.
    private static func isListedOrOtherPort(_ text: String) -> Bool {
        if listed.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { return true }
        let loopback = [
            ("http://127.0.0.1", "/callback"), ("http://localhost", "/callback?x=1"),
            ("http://[::1]", "/callback"),
        ]
        return loopback.contains { head, tail in
            guard text.utf8.starts(with: head.utf8) else { return false }
            let rest = Array(text.utf8.dropFirst(head.utf8.count))
            guard rest.suffix(tail.utf8.count).elementsEqual(tail.utf8) else { return false }
            let port = rest.dropLast(tail.utf8.count)
            guard let colon = port.first else { return true }
            let digits = port.dropFirst()
            return colon == UInt8(ascii: ":") && (1...5).contains(digits.count)
                && digits.allSatisfy { (0x30...0x39).contains($0) }
                && digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 65_535
        }
    }
}
