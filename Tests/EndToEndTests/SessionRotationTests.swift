import Encodings
import Foundation
import Keyrings
import NIOHTTP1
import StateTokens
import TestSupport
import Testing

/// Two replicas whose keyrings differ for a while: what a session is worth at the one that is behind.
@Suite("Connect sessions while a key is rotated", .timeLimit(.minutes(2))) struct SessionRotationTests {
    private struct Created: Decodable {
        let token: String
        let connect_url: String
    }

    /// The replica that has each key first, and one with files of its own, to which each comes later.
    private struct Pair {
        let first: SymbolonServer
        let second: SymbolonServer
        let apiKey: String

        static func start() async throws -> Pair {
            let port = try LoopbackPort.free()
            let deployment = try await ConfigurationTests.Deployment(port: port) { settings in
                settings["public_url"] = "http://127.0.0.1:\(port)"
            }
            let copy = try TemporaryFolder()
            for name in try FileManager.default.contentsOfDirectory(atPath: deployment.folder.path) {
                try FileManager.default.copyItem(
                    atPath: "\(deployment.folder.path)/\(name)", toPath: "\(copy.path)/\(name)")
            }
            let arguments = ["--config", "symbolon.yaml"]
            return Pair(
                first: try await SymbolonServer.start(arguments, in: deployment.folder, port: port),
                second: try await SymbolonServer.start(arguments, in: copy), apiKey: deployment.apiKey)
        }

        static func keyring(of server: SymbolonServer) -> KeyringPlace {
            KeyringPlace(server.folder, path: "state.keyring")
        }

        func create() async throws -> Created {
            let answer = try await first.send(
                .POST, "/api/v1/connect/sessions", json: #"{"user_id": "ada"}"#, key: apiKey)
            try #require(answer.status == 200, "\(answer.body)")
            return try answer.decoded()
        }

        /// Puts a ring into force at a replica.
        func put(_ ring: Keyring, at server: SymbolonServer) async throws {
            try Self.keyring(of: server).replace(with: ring)
            try await server.ready { $0.keyrings.state.digest == ring.digest }
        }
    }

    private func keyID(_ token: String) throws -> [UInt8] {
        Array(try #require(Base64URL.decode(token))[1..<5])
    }

    private func status(_ token: String, at server: SymbolonServer) async throws -> Int {
        try await server.send(.GET, "/api/v1/integrations", key: token).status
    }

    @Test func `S26 a key that waits for its time ends no session at a replica that lacks it`() async throws {
        let pair = try await Pair.start()
        let before = try await pair.create()
        try await pair.put(try Pair.keyring(of: pair.first).keyring().withNewKey(), at: pair.first)
        let during = try await pair.create()
        // What seals is the old key still, which both have.
        #expect(try keyID(during.token) == keyID(before.token))
        for token in [before.token, during.token] {
            for server in [pair.first, pair.second] { #expect(try await status(token, at: server) == 200) }
        }
        await pair.first.stop()
        await pair.second.stop()
    }

    @Test func `a session under a key that a replica lacks is no credential there, until the key comes`()
        async throws
    {
        let pair = try await Pair.start()
        let before = try await pair.create()
        // Of two keys that activate in one second, the one with the higher id seals.
        let first = try #require(try Pair.keyring(of: pair.first).keyring().keys.first?.activates)
        try await eventually("the first key's second is over") { Timestamp.now() > first }
        let ring = try Pair.keyring(of: pair.first).keyring().withNewKey(sealing: true)
        try await pair.put(ring, at: pair.first)
        let session = try await pair.create()
        #expect(try keyID(session.token) != keyID(before.token))
        #expect(try await status(session.token, at: pair.first) == 200)
        for (method, path) in [
            (HTTPMethod.GET, "/api/v1/integrations"), (.GET, "/api/v1/integrations/gmail"),
            (.GET, "/api/v1/connections"), (.DELETE, "/api/v1/connections/conn_AAAAAAAAAAAAAAAAAAAAAA"),
            (.POST, "/api/v1/oauth/initiate"), (.POST, "/api/v1/connect/sessions"),
        ] {
            let json = method == .POST ? #"{"integration_id": "gmail", "user_id": "ada"}"# : nil
            let answer = try await pair.second.send(method, path, json: json, key: session.token)
            #expect(answer.status == 401 && answer.errorCode == "invalid_credential", "\(method) \(path)")
        }
        // Sessions under the key that both have go on.
        #expect(try await status(before.token, at: pair.second) == 200)

        // The user is sent back, for a session of their own replica's.
        let browser = try Chromium.start(.phone)
        let page = try await browser.open("\(pair.second.baseURL)/connect/wsp_1#\(session.token)")
        try await page.wait("document.getElementById('over').checkVisibility()")
        let text = try await page.text()
        for part in ["This page is no longer valid", "Go back and open it again", "invalid_credential"] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(!text.contains(session.token) && !text.contains("Try again"))

        // The file is looked at for it at once, at most once a second.
        try Pair.keyring(of: pair.second).replace(with: ring)
        let deadline = ContinuousClock.now + .seconds(5)
        while try await status(session.token, at: pair.second) != 200, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await status(session.token, at: pair.second) == 200)
        let again = try await browser.open("\(pair.second.baseURL)/connect/wsp_1#\(session.token)")
        try await again.wait("document.querySelector('button[data-id=gmail]')?.checkVisibility()")
        browser.stop()
        await pair.first.stop()
        await pair.second.stop()
    }
}
