import AsyncHTTPClient
import Foundation
import Keyrings
import NIOCore
import NIOHTTP1
import StateTokens
import TestSupport
import Testing

/// Whole flows through an authorization server that we did not write.
@Suite("Flows through canaille", .timeLimit(.minutes(5))) struct CanailleFlowTests {
    @Test(arguments: CanailleServer.Client.all.map(\.id), [true, false])
    func `a flow ends in a connection whose token the provider takes`(_ id: String, _ discovers: Bool)
        async throws
    {
        let client = try #require(CanailleServer.Client.all.first { $0.id == id })
        let stage = try await ConnectStage.start(client: client, discovers: discovers)
        let told = try await stage.connect()
        #expect(told["status"] == "success")
        #expect(told["integration_id"] == stage.integrationID)
        let connections = try await stage.connections()
        #expect(connections.map(\.id) == [told["connection_id"]])
        #expect(connections.first?.flow_id == told["flow_id"])
        #expect(connections.first?.status == "active")
        #expect(connections.first?.label.isEmpty == false)
        let token = try await stage.token(of: #require(told["connection_id"]))
        var request = HTTPClientRequest(url: stage.canaille.userInfoEndpoint)
        request.headers = ["authorization": "Bearer \(token.access_token)"]
        let userInfo = try await Answer(to: request)
        #expect(userInfo.status == 200 && userInfo.body.contains("ada"), "\(userInfo.body)")
        try await stage.stop()
    }

    @Test func `the authorization URL has what RFC 6749, RFC 7636 and the issuer ask for`() async throws {
        let stage = try await ConnectStage.start()
        let initiated = try await stage.initiate(#", "scopes": ["openid", "email"]"#)
        let query = FormEncoding.query(of: initiated.auth_url)
        #expect(initiated.auth_url.hasPrefix(stage.canaille.authorizationEndpoint + "?"))
        #expect(query["response_type"] == "code")
        #expect(query["client_id"] == "symbolon-basic")
        #expect(query["redirect_uri"] == stage.symbolon.callbackURL(stage.integrationID))
        #expect(query["scope"] == "openid email")
        #expect(query["state"] == initiated.state)
        #expect(query["code_challenge_method"] == "S256")
        #expect(query["code_challenge"]?.count == 43)
        #expect(query["nonce"]?.count == 43)
        try await stage.stop()
    }

    @Test func `a refresh rotates the token, and the next one uses the new one`() async throws {
        let stage = try await ConnectStage.start()
        let id = try #require(try await stage.connect()["connection_id"])
        var tokens = [try await stage.token(of: id).access_token]
        for _ in 0..<3 {
            let answer = try await stage.send(.POST, "/api/v1/oauth/refresh/\(id)")
            #expect(answer.status == 200, "\(answer.body)")
            tokens.append(try await stage.token(of: id).access_token)
        }
        #expect(Set(tokens).count == 4)
        try await stage.stop()
    }

    @Test func `a token that is due is refreshed before it is handed out`() async throws {
        // A token of a few seconds is due in the last quarter of its lifetime.
        let stage = try await ConnectStage.start(tokenLifetime: 8)
        let id = try #require(try await stage.connect()["connection_id"])
        let first = try await stage.token(of: id).access_token
        try await Task.sleep(for: .milliseconds(6_500))
        let second = try await stage.token(of: id).access_token
        #expect(first != second)
        try await stage.stop()
    }

    @Test func `who denies is sent home with the provider's error`() async throws {
        let stage = try await ConnectStage.start()
        let initiated = try await stage.initiate(#", "app_state": "a b&c=ü""#)
        let callback = try await stage.canaille.deny(Browser(), initiated.auth_url)
        let page = try await Browser().open(callback)
        #expect(page.status == 303)
        let told = FormEncoding.query(of: try #require(page.redirectTarget))
        #expect(told["status"] == "error")
        #expect(told["error"] == "access_denied")
        #expect(told["app_state"] == "a b&c=ü")
        #expect(try await stage.connections().isEmpty)
        try await stage.stop()
    }

    @Test func `a wrong client secret ends the flow with exchange_rejected`() async throws {
        let stage = try await ConnectStage.start(secret: "wrong")
        let told = try await stage.connect()
        #expect(told["status"] == "error")
        #expect(told["error"] == "exchange_rejected")
        #expect(try await stage.connections().isEmpty)
        try await stage.stop()
    }

    @Test func `S08 a second delivery of the same callback gets the first one's outcome`() async throws {
        let stage = try await ConnectStage.start()
        let callback = try await stage.authorize()
        let targets = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<20 { group.addTask { try await Browser().open(callback).redirectTarget } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(targets.count == 1)
        #expect(try await Browser().open(callback).redirectTarget == targets.first)
        #expect(try await stage.connections().count == 1)
        try await stage.stop()
    }

    @Test func `a callback may be a form that the provider posts`() async throws {
        let stage = try await ConnectStage.start()
        let callback = try await stage.authorize()
        let query = try #require(callback.split(separator: "?", maxSplits: 1).last)
        var request = HTTPClientRequest(url: stage.symbolon.callbackURL(stage.integrationID))
        request.method = .POST
        request.headers = [
            "content-type": "application/x-www-form-urlencoded", "origin": stage.canaille.issuer,
        ]
        request.body = .bytes(ByteBuffer(string: String(query)))
        let answer = try await Answer(to: request)
        #expect(answer.status == 303)
        #expect(answer.headers.first(name: "location")?.contains("status=success") == true)
        try await stage.stop()
    }

    @Test func `S10 who only looks ahead burns no code`() async throws {
        let stage = try await ConnectStage.start()
        let callback = try await stage.authorize()
        for headers in [
            ["sec-purpose": "prefetch"], ["sec-purpose": "prefetch;prerender"], ["purpose": "prefetch"],
        ]
            as [HTTPHeaders]
        {
            #expect(try await Browser().open(callback, headers: headers).status == 204)
        }
        var head = HTTPClientRequest(url: callback)
        head.method = .HEAD
        #expect(try await Answer(to: head).status == 204)
        #expect(try await stage.connections().isEmpty)
        #expect(try await Browser().open(callback).redirectTarget?.contains("status=success") == true)
        try await stage.stop()
    }

    @Test func `S32 a stranger's junk code burns nothing and learns nothing`() async throws {
        let stage = try await ConnectStage.start()
        let callback = try await stage.authorize()
        let state = try #require(FormEncoding.query(of: callback)["state"])
        let junk = FormEncoding.urlEncoded([
            ("code", "junk"), ("state", state), ("iss", stage.canaille.issuer),
        ])
        let url = stage.symbolon.callbackURL(stage.integrationID) + "?" + junk
        let refused = try await Browser().open(url)
        #expect(refused.redirectTarget?.contains("error=exchange_rejected") == true)
        #expect(try await Browser().open(callback).redirectTarget?.contains("status=success") == true)
        let late = try await Browser().open(
            stage.symbolon.callbackURL(stage.integrationID) + "?"
                + FormEncoding.urlEncoded([
                    ("code", "another"), ("state", state), ("iss", stage.canaille.issuer),
                ]))
        #expect(late.status == 409 && late.redirectTarget == nil)
        #expect(!late.body.contains("conn_"))
        try await stage.stop()
    }

    @Test(arguments: ["", "https://attacker.example"])
    func `S07 an answer without the issuer, or with another's, is refused`(_ issuer: String) async throws {
        let stage = try await ConnectStage.start()
        let callback = try await stage.authorize()
        var query = FormEncoding.query(of: callback)
        query["iss"] = issuer.isEmpty ? nil : issuer
        let fields = query.map { (name: $0.key, value: $0.value) }
        let page = try await Browser().open(
            stage.symbolon.callbackURL(stage.integrationID) + "?" + FormEncoding.urlEncoded(fields))
        #expect(page.status == 400 && page.redirectTarget == nil)
        #expect(try await stage.connections().isEmpty)
        try await stage.stop()
    }

    @Test func `an expired state sends its user home, and sends no code anywhere`() async throws {
        let stage = try await ConnectStage.start()
        let callback = try await stage.authorize()
        let query = FormEncoding.query(of: callback)
        // The state of this very flow, sealed with the server's own keys, eleven minutes ago.
        let keyring = try KeyringFile.load(
            stage.symbolon.folder.path + "/.symbolon/state.keyring", purpose: .state)
        let audience = try #require(Audience(publicURL: stage.symbolon.baseURL))
        let codec = StateTokenCodec(sealer: Sealer(KeyringReference(keyring)), audience: audience)
        var state = try codec.verify(try #require(query["state"])).state
        state.issuedAt = .now() - .seconds(660)
        let old = try codec.encode(state)
        let url = FormEncoding.urlEncoded([
            ("code", try #require(query["code"])), ("state", old.text), ("iss", stage.canaille.issuer),
        ])
        let page = try await Browser().open(stage.symbolon.callbackURL(stage.integrationID) + "?" + url)
        #expect(page.status == 303)
        #expect(page.redirectTarget?.hasPrefix(stage.app.redirectURI) == true)
        #expect(FormEncoding.query(of: page.redirectTarget ?? "")["error"] == "state_expired")
        // The code was not sent: the flow's own callback still works.
        #expect(try await Browser().open(callback).redirectTarget?.contains("status=success") == true)
        try await stage.stop()
    }

    @Test func `a flow outlives the process that began it`() async throws {
        let stage = try await ConnectStage.start(discovers: false)
        let callback = try await stage.authorize()
        stage.symbolon.process.send(SIGKILL)
        _ = await stage.symbolon.process.exitStatus()
        let environment = [
            "SYMBOLON_CATALOG": stage.symbolon.folder.path + "/catalog.yaml",
            "SYMBOLON_INTEGRATIONS_CANAILLE_CLIENT_ID": CanailleServer.Client.basic.id,
            "SYMBOLON_INTEGRATIONS_CANAILLE_CLIENT_SECRET": CanailleServer.Client.basic.secret,
            "SYMBOLON_INTEGRATIONS_CANAILLE_AUTHORIZATION_ENDPOINT": stage.canaille.authorizationEndpoint,
            "SYMBOLON_INTEGRATIONS_CANAILLE_TOKEN_ENDPOINT": stage.canaille.tokenEndpoint,
        ]
        let again = try await SymbolonServer.start(
            environment: environment, in: stage.symbolon.folder, port: stage.symbolon.port)
        #expect(try await Browser().open(callback).redirectTarget?.contains("status=success") == true)
        await again.stop()
        try await stage.stop()
    }

    @Test func `a renewal keeps the connection's id`() async throws {
        let stage = try await ConnectStage.start()
        let id = try #require(try await stage.connect()["connection_id"])
        let told = try await stage.connect(#", "connection_id": "\#(id)""#)
        #expect(told["status"] == "success" && told["connection_id"] == id)
        #expect(try await stage.connections().map(\.id) == [id])
        try await stage.stop()
    }

    @Test func `who connects again has the same connection, and another one where it is asked for`()
        async throws
    {
        let stage = try await ConnectStage.start()
        let id = try #require(try await stage.connect()["connection_id"])
        let before = try await stage.token(of: id).access_token
        let told = try await stage.connect()
        #expect(told["status"] == "success" && told["connection_id"] == id)
        #expect(try await stage.connections().map(\.revision) == [2])
        #expect(try await stage.token(of: id).access_token != before)
        let events = try await stage.send(.GET, "/api/v1/connections/\(id)/events").body
        #expect(events.contains(#""type":"renewed""#), "\(events)")
        let other = try #require(try await stage.connect(#", "new": true"#)["connection_id"])
        #expect(other != id)
        #expect(Set(try await stage.connections().map(\.id)) == [id, other])
        let both = try await stage.send(
            .POST, "/api/v1/oauth/initiate",
            json: #"{"integration_id": "\#(stage.integrationID)", "connection_id": "\#(id)", "new": true}"#)
        #expect(both.status == 422 && both.body.contains("new_not_allowed"), "\(both.body)")
        try await stage.stop()
    }

    @Test func `S38 a renewal with another account changes nothing`() async throws {
        let stage = try await ConnectStage.start()
        let id = try #require(try await stage.connect()["connection_id"])
        let before = try await stage.token(of: id).access_token
        let initiated = try await stage.initiate(#", "connection_id": "\#(id)""#)
        let callback = try await stage.canaille.logInAndConsent(Browser(), initiated.auth_url, as: .charles)
        let page = try await Browser().open(callback)
        #expect(FormEncoding.query(of: page.redirectTarget ?? "")["error"] == "account_mismatch")
        #expect(try await stage.token(of: id).access_token == before)
        try await stage.stop()
    }

    @Test
    func
        `S23 no secret of a flow is in logs, metrics, spans, errors, the database or the process's arguments`()
        async throws
    {
        let collector = try await TraceCollector.start()
        let stage = try await ConnectStage.start(environment: [
            "SYMBOLON_LOG_LEVEL": "trace", "SYMBOLON_TRACING_OTLP_ENDPOINT": collector.url,
        ])
        let initiated = try await stage.initiate()
        let callback = try await stage.canaille.logInAndConsent(Browser(), initiated.auth_url)
        let told = FormEncoding.query(of: try #require(try await Browser().open(callback).redirectTarget))
        let id = try #require(told["connection_id"])
        let token = try await stage.token(of: id).access_token
        let refreshed = try await stage.send(.POST, "/api/v1/oauth/refresh/\(id)")
        #expect(refreshed.status == 200)
        let code = try #require(FormEncoding.query(of: callback)["code"])
        let keyring = try KeyringFile.load(
            stage.symbolon.folder.path + "/.symbolon/state.keyring", purpose: .state)
        let audience = try #require(Audience(publicURL: stage.symbolon.baseURL))
        let codec = StateTokenCodec(sealer: Sealer(KeyringReference(keyring)), audience: audience)
        let verifier = try #require(try codec.verify(initiated.state).state.codeVerifier).text
        let secrets = [
            code, initiated.state, verifier, token, try await stage.token(of: id).access_token,
            CanailleServer.Client.basic.secret, try stage.symbolon.apiKey(),
        ]
        // What is wrong with a request must not make anybody repeat it.
        var errors = ""
        for secret in secrets {
            let encoded = FormEncoding.urlEncoded([("state", secret), ("code", secret), ("error", secret)])
            let callback = stage.symbolon.callbackURL(stage.integrationID)
            errors += try await Browser().open("\(callback)?\(encoded)").body
            for json in [#"{"integration_id": "\#(secret)"}"#, #"{"integration_id": ["\#(secret)"]}"#] {
                let answer = try await stage.symbolon.send(
                    .POST, "/api/v1/oauth/initiate", json: json, key: "sym_\(secret)")
                errors += answer.body
            }
            errors += try await stage.send(.GET, "/api/v1/connections?cursor=\(encoded)").body
            errors += try await stage.send(.GET, "/api/v1/connections/\(secret.utf8.count)").body
        }
        let metrics = try await stage.send(.GET, "/metrics").body
        #expect(metrics.contains("symbolon_exchanges_total") && errors.contains("invalid_credential"))
        _ = try await collector.process.waitForLine { $0.hasPrefix("span ") && $0.contains("POST refresh") }
        let spans = try await collector.process.log
        let log = try await stage.symbolon.log.split(separator: "\n")
            .filter { !$0.contains("API key") && !$0.contains("Authorization: Bearer") }.joined(
                separator: "\n")
        let folder = stage.symbolon.folder.url.appending(path: ".symbolon")
        var database = Data()
        for name in ["symbolon.sqlite", "symbolon.sqlite-wal"] {
            database.append(try Data(contentsOf: folder.appending(path: name)))
        }
        let arguments = try Data(
            contentsOf: URL(filePath: "/proc/\(stage.symbolon.process.processIdentifier)/cmdline"))
        for secret in secrets {
            #expect(!log.contains(secret))
            #expect(!metrics.contains(secret))
            #expect(!spans.contains(secret))
            #expect(!errors.contains(secret))
            #expect(database.range(of: Data(secret.utf8)) == nil)
            #expect(arguments.range(of: Data(secret.utf8)) == nil)
        }
        // Where no secret was found there is something to be found.
        #expect(log.contains(#""event":"exchange""#))
        #expect(database.range(of: Data(id.utf8)) != nil)
        try await stage.stop()
    }
}
