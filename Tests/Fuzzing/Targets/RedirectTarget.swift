import ConnectService

/// Redirect URIs against a workspace's list: only what is on it, or a listed loopback URI with another port.
struct RedirectTarget: FuzzTarget {
    private let list: RedirectURIAllowlist
    private let oracle = RedirectOracle(
        exact: RedirectTarget.listed,
        loopback: [("http://127.0.0.1", "/callback"), ("http://localhost", "/a?x=1"), ("http://[::1]", "/")])
    private static let listed = [
        "https://app.example.com/oauth/Kept", "https://other.example/", "com.example.app:/done",
        "http://127.0.0.1/callback", "http://localhost:8080/a?x=1", "http://[::1]/",
    ]

    init() throws { list = RedirectURIAllowlist(try Self.listed.map { try RedirectURI($0) }) }

    mutating func read(_ input: [UInt8]) -> Count {
        let text = String(decoding: input, as: UTF8.self)
        let isAllowed = list.allows(text)
        expect(!isAllowed || oracle.allows(text), "off the list: \(text)")
        expect(isAllowed || !oracle.allows(text), "on the list: \(text)")
        if RedirectURIAllowlist.everyLoopback.allows(text) {
            expect(RedirectOracle.isLoopback(text), "not the machine itself: \(text)")
        }
        if let uri = try? RedirectURI(text) {
            expect(uri.text.utf8.elementsEqual(text.utf8))
            expect(RedirectURIAllowlist([uri]).allows(text), "listed, and not allowed: \(text)")
        }
        return isAllowed ? .accepted : .refused
    }
}
