import ConnectService
import Foundation
import StateTokens
import Testing

/// Open redirects as they were found elsewhere: 100,000 URLs, or `REDIRECT_URLS`, and the lines of the file that
/// `REDIRECT_CORPUS` names (`bench/redirects`).
@Suite("Open redirects") struct RedirectTrickTests {
    /// A workspace's list, and what it allows.
    struct List: CustomTestStringConvertible {
        let testDescription: String
        let uris: [String]
        let loopback: [(head: String, tail: String)]

        var oracle: RedirectOracle { RedirectOracle(exact: uris, loopback: loopback) }
    }

    static let lists = [
        List(
            testDescription: "of the web",
            uris: [
                "https://app.example.com/oauth/Kept", "https://app.example.com/oauth/done?tenant=a;b",
                "https://other.example/", "https://app.example.com:8443/cb", "https://bare.example",
            ], loopback: []),
        List(
            testDescription: "of the machine itself",
            uris: ["http://127.0.0.1/callback", "http://localhost:8080/callback?x=1", "http://[::1]/"],
            loopback: [
                ("http://127.0.0.1", "/callback"), ("http://localhost", "/callback?x=1"),
                ("http://[::1]", "/"),
            ]),
        List(
            testDescription: "of apps and everything else",
            uris: [
                "com.example.app:/done", "com.example.app://done/x", "https://app.example.com/",
                "http://127.0.0.1",
                "https://localhost/tls",
            ], loopback: [("http://127.0.0.1", ""), ("https://localhost", "/tls")]),
        List(testDescription: "of nothing", uris: [], loopback: []),
    ]

    private static let urlCount =
        ProcessInfo.processInfo.environment["REDIRECT_URLS"].flatMap { Int($0) } ?? 100_000

    private static let corpus: [String] = {
        guard let path = ProcessInfo.processInfo.environment["REDIRECT_CORPUS"] else { return [] }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            preconditionFailure("\(path) cannot be read")
        }
        return text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }()

    @Test(arguments: lists)
    func `S13 no trick gets off a list`(_ list: List) throws {
        let allowlist = RedirectURIAllowlist(try list.uris.map { try RedirectURI($0) })
        let oracle = list.oracle
        let around = Self.lists.flatMap(\.uris)
        var tricks = RedirectTricks(around: list.uris.isEmpty ? around : list.uris, seed: 20_260_101)
        let count = Self.urlCount / Self.lists.count
        var allowed = 0
        for url in Self.corpus + (0..<count).map({ _ in tricks.next() }) {
            let isAllowed = allowlist.allows(url)
            allowed += isAllowed ? 1 : 0
            if isAllowed != oracle.allows(url) {
                Issue.record("\(isAllowed ? "off" : "on") the list: \(url.debugDescription)")
            }
            if RedirectURIAllowlist.everyLoopback.allows(url), !RedirectOracle.isLoopback(url) {
                Issue.record("not the machine itself: \(url.debugDescription)")
            }
        }
        // The tricks do end up on the list now and then.
        #expect(allowed > 0 || list.uris.isEmpty)
    }

    @Test(arguments: lists)
    func `S13 S37 no trick gets through initiate or callback`(_ list: List) throws {
        let deployment = try Deployment(catalog: Catalogs.sample(), redirectURIs: list.uris)
        let oracle = list.oracle
        var state = try Deployment(catalog: Catalogs.sample()).flowState()
        let around = Self.lists.flatMap(\.uris)
        var tricks = RedirectTricks(around: list.uris.isEmpty ? around : list.uris, seed: 20_260_102)
        let count = Self.urlCount / Self.lists.count / 20
        for url in Self.corpus + (0..<count).map({ _ in tricks.next() }) {
            let command = InitiateCommand(integrationID: "sample", redirectURI: url)
            let begun = try? deployment.begin(command)
            state.redirectURI = url
            // What is longer than a state can carry cannot come back in one.
            guard let token = try? deployment.seal(state) else {
                #expect(begun == nil)
                continue
            }
            let verdict = deployment.callback("code=a&state=\(token)")
            let isOver = if case .refused(.redirectURINotAllowed) = verdict { false } else { true }
            if (begun != nil, isOver) != (oracle.allows(url), oracle.allows(url)) {
                Issue.record("initiate \(begun != nil), callback \(isOver): \(url.debugDescription)")
            }
        }
    }
}
