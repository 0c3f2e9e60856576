import Foundation
import Keyrings
import NIOHTTP1
import StateTokens
import TestSupport
import Testing

@testable import SymbolonCommands

/// The running program follows its key files.
@Suite("Live reload", .timeLimit(.minutes(3))) struct KeyringReloadTests {
    private struct Initiated: Decodable {
        let auth_url: String
        let state: String
    }

    private static let redirectURI = "http://localhost:3000/done"

    private func initiate(_ server: SymbolonServer) async throws -> Initiated {
        let answer = try await server.send(
            .POST, "/api/v1/oauth/initiate",
            json: #"{"integration_id": "sandbox", "redirect_uri": "\#(Self.redirectURI)"}"#,
            key: server.apiKey())
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.decoded()
    }

    /// Takes a new flow through the sandbox: the callback URL, not yet visited.
    private func authorize(_ server: SymbolonServer) async throws -> String {
        let browser = Browser()
        let page = try await browser.open(try await initiate(server).auth_url)
        let form = try #require(page.forms.first)
        let button = try #require(form.buttons.first { $0.value == "allow" })
        return try #require(try await browser.submit(form, on: page, pressing: button).redirectTarget)
    }

    /// What the sandbox answers when its user says no.
    private func refusal(_ server: SymbolonServer, _ state: String) async throws -> Answer {
        try await server.send(
            .GET,
            "/api/v1/oauth/callback/sandbox?error=access_denied&iss=\(server.baseURL)/sandbox&state=\(state)")
    }

    private func keyID(of state: String) throws -> KeyID {
        try SealedText(state).keyID
    }

    // MARK: What is noticed

    @Test(arguments: [Keyring.Purpose.state, .connections])
    func `a file moved into place is in force within 2 seconds`(_ purpose: Keyring.Purpose) async throws {
        let server = try await SymbolonServer.start()
        let place = KeyringPlace(server, purpose)
        let next = try place.keyring().withNewKey()
        let before = try await server.ready()
        try place.replace(with: next)
        let after = try await server.ready { purpose.ring(of: $0).digest == next.digest }
        #expect(purpose.ring(of: after).next_activation != nil && purpose.ring(of: after).reloaded_at != nil)
        #expect(purpose.ring(of: before).reloaded_at == nil)
        #expect(purpose.other.ring(of: after).digest == purpose.other.ring(of: before).digest)
        #expect(after.status == "ready" && after.degraded.isEmpty)
        // It is logged once it is in force.
        try await server.process.waitForLine { $0.contains("keyring replaced") }
        #expect(try await server.log.components(separatedBy: "keyring replaced").count == 2)
        await server.stop()
    }

    @Test func `Kubernetes' swap of ..data is in force within 2 seconds`() async throws {
        let folder = try TemporaryFolder()
        let mount = folder.path + "/mount"
        let first = try Keyring.make(purpose: .state)
        let second = try first.withNewKey()
        for (name, ring) in [("..1", first), ("..2", second)] {
            try FileManager.default.createDirectory(
                atPath: "\(mount)/\(name)", withIntermediateDirectories: true)
            try folder.write(KeyringPlace.text(ring), to: "mount/\(name)/state.keyring")
        }
        try FileManager.default.createDirectory(
            atPath: folder.path + "/.symbolon", withIntermediateDirectories: true)
        for (link, target) in [
            ("mount/..data", "..1"), ("mount/state.keyring", "..data/state.keyring"),
            (".symbolon/state.keyring", "../mount/state.keyring"),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder.path)/\(link)", withDestinationPath: target)
        }
        let server = try await SymbolonServer.start(in: folder)
        #expect(try await server.ready().keyrings.state.digest == first.digest)
        try FileManager.default.createSymbolicLink(
            atPath: "\(mount)/..data_tmp", withDestinationPath: "..2")
        #expect(rename("\(mount)/..data_tmp", "\(mount)/..data") == 0)
        try await server.ready { $0.keyrings.state.digest == second.digest }
        await server.stop()
    }

    @Test func `SIGHUP makes it look, and never ends it`() async throws {
        let server = try await SymbolonServer.start()
        let next = try KeyringPlace(server).keyring().withNewKey()
        try KeyringPlace(server).replace(with: next)
        for _ in 0..<50 { server.process.send(SIGHUP) }
        try await server.process.waitForLine { $0.contains("SIGHUP") }
        try await server.ready(within: .milliseconds(500)) { $0.keyrings.state.digest == next.digest }
        #expect(server.process.isRunning)
        #expect(await server.stop() == 0)
        #expect(try await server.log.components(separatedBy: "keyring replaced").count == 2)
    }

    @Test func `SIGHUP while it ends changes nothing`() async throws {
        let server = try await SymbolonServer.start()
        server.process.send(SIGTERM)
        for _ in 0..<20 { server.process.send(SIGHUP) }
        #expect(await server.process.exitStatus() == 0)
    }

    @Test func `a state whose key has just come is taken at once`() async throws {
        let server = try await SymbolonServer.start()
        let audience = try #require(Audience(publicURL: server.baseURL))
        let place = KeyringPlace(server)
        var ring = try place.keyring()
        let flow = try StateTokenCodec(sealer: Sealer(KeyringReference(ring)), audience: audience)
            .verify(try await initiate(server).state).state
        for _ in 0..<5 {
            // At most once a second.
            try await Task.sleep(for: .milliseconds(1_100))
            ring = try ring.withNewKey(sealing: true)
            // As another replica seals it, which has the ring already.
            let state = try StateTokenCodec(sealer: Sealer(KeyringReference(ring)), audience: audience)
                .encode(flow).text
            try place.replace(with: ring)
            let answer = try await refusal(server, state)
            #expect(answer.status == 303, "\(answer.body)")
        }
        await server.stop()
    }

    // MARK: What is refused

    @Test(arguments: ["truncated", "other purpose", "other deployment", "too open", "gone"])
    func `S25 a bad file leaves the old ring in force, and /readyz says so`(_ kind: String) async throws {
        let server = try await SymbolonServer.start()
        let place = KeyringPlace(server)
        let ring = try place.keyring()
        let next = try ring.withNewKey()
        let state = try await initiate(server).state
        let problem: String
        switch kind {
        case "truncated":
            try place.replace(with: String(KeyringPlace.text(next).dropLast(30)))
            problem = "invalid"
        case "other purpose":
            try place.replace(with: KeyringPlace(server, .connections).keyring())
            problem = "wrong_purpose"
        case "other deployment":
            try place.replace(with: next.with(next.keys, deploymentID: "d_other"))
            problem = "other_deployment"
        case "too open":
            try place.replace(with: KeyringPlace.text(next), mode: 0o644)
            problem = "too_open"
        default:
            try FileManager.default.removeItem(atPath: place.path)
            problem = "not_found"
        }
        let bad = try await server.ready { $0.keyrings.state.problem != nil }
        #expect(bad.keyrings.state.problem == problem && bad.status == "degraded")
        #expect(bad.degraded == ["state_keyring_stale"])
        #expect(bad.keyrings.state.digest == ring.digest && bad.keyrings.connections.problem == nil)
        #expect(try await refusal(server, state).status == 303)
        _ = try await initiate(server)
        // All files are looked at in turn: when that of the API keys was, the keyring was looked at again.
        let keys = try server.folder.read(".symbolon/api-keys.json")
        try Self.put("{", server)
        try await server.ready { $0.degraded.contains("api_keys_stale") }
        try Self.put(keys, server)
        try await server.ready { !$0.degraded.contains("api_keys_stale") }
        #expect(try await server.log.components(separatedBy: "keyring rejected").count == 2, "logged once")
        let material = ring.keys[0].material.withOctets { octets in
            Data((0..<octets.count).map { octets[$0] }).base64EncodedString()
        }
        #expect(try await !server.log.contains(material.prefix(40)))
        try place.replace(with: next)
        let good = try await server.ready { $0.keyrings.state.problem == nil }
        #expect(good.status == "ready" && good.keyrings.state.digest == next.digest)
        await server.stop()
    }

    // MARK: A compromised key

    @Test func `S33 a disabled key's state causes no redirect, no claim and no connection`() async throws {
        let server = try await SymbolonServer.start()
        let place = KeyringPlace(server)
        let before = try place.keyring()
        let callback = try await authorize(server)
        let after = try before.compromised()
        try place.replace(with: after)
        try await server.ready { $0.keyrings.state.digest == after.digest }
        for url in [callback, callback.replacing(/code=[^&]*/, with: "error=access_denied")] {
            let page = try await Browser().open(url)
            #expect(page.status == 400 && page.redirectTarget == nil)
            #expect(!page.body.contains(Self.redirectURI) && page.body.contains("invalid_state"))
        }
        let id = before.keys[0].id
        let refusals = try await AuditLines(server.log).of("callback").filter {
            $0["key_id"] == "\(id)" && $0["reason"] == "state_disabled_key"
        }
        #expect(refusals.count == 2)
        let list = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        #expect(list.body == #"{"data":[],"next_cursor":null}"#)
        #expect(try keyID(of: try await initiate(server).state) == after.keys.first { $0.id != id }?.id)
        // Nothing was claimed and no code was sent: were the key good, the same callback would go through.
        try place.replace(with: before)
        try await server.ready { $0.keyrings.state.digest == before.digest }
        let page = try await Browser().open(callback)
        #expect(page.redirectTarget?.contains("status=success") == true)
        await server.stop()
        #expect(try await server.log.contains("keys=\(id):1 total=1 [SymbolonCommands] callbacks opened"))
    }

    // MARK: API keys

    @Test func `API keys are followed, too, and a bad file keeps them`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let good = try server.folder.read(".symbolon/api-keys.json")
        func status() async throws -> Int {
            try await server.send(.GET, "/api/v1/connections", key: key).status
        }
        try Self.put("{", server)
        try await server.ready { $0.degraded == ["api_keys_stale"] }
        #expect(try await status() == 200)
        try Self.put(good.replacing(#""active""#, with: #""revoked""#), server)
        try await server.ready { $0.degraded.isEmpty }
        #expect(try await status() == 401)
        try Self.put(good, server)
        try await eventually("the key is good again") { try await status() == 200 }
        await server.stop()
    }

    /// Replaces the API keys.
    private static func put(_ text: String, _ server: SymbolonServer) throws {
        let temporary = try server.folder.write(text, to: "next")
        guard rename(temporary, server.folder.path + "/.symbolon/api-keys.json") == 0 else {
            throw POSIXError(.EIO)
        }
    }
}

extension Keyring.Purpose {
    fileprivate var other: Keyring.Purpose { self == .state ? .connections : .state }

    fileprivate func ring(of answer: ReadyAnswer) -> ReadyAnswer.Keyring {
        self == .state ? answer.keyrings.state : answer.keyrings.connections
    }
}
