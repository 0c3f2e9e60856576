import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// JSON Web Tokens as credentials, made by joserfc.
@Suite("Tokens as credentials", .timeLimit(.minutes(4))) struct TokenCredentialTests {
    private struct Stage {
        let issuer: TokenIssuer
        let server: SymbolonServer

        static func start(_ environment: [String: String] = [:]) async throws -> Stage {
            let issuer = try await TokenIssuer.start()
            let prefix = "SYMBOLON_CREDENTIALS_JWT_"
            var variables = [
                prefix + "ISSUER": issuer.url, prefix + "AUDIENCE": "symbolon",
                prefix + "JWKS": issuer.keySetURL, "SYMBOLON_LIMITS_FAILURES_PER_ADDRESS": "0",
                "SYMBOLON_PROVIDERS_ALLOW_INSECURE_LOOPBACK": "true",
            ]
            variables.merge(environment) { $1 }
            return Stage(issuer: issuer, server: try await SymbolonServer.start(environment: variables))
        }

        func get(_ path: String, _ token: String, headers: HTTPHeaders = [:]) async throws -> Answer {
            try await server.send(.GET, path, key: token, headers: headers)
        }

        func stop() async {
            await server.stop()
            await issuer.stop()
        }
    }

    private static let list = "/api/v1/connections"

    @Test func `a token that holds does what its issuer's tokens may, and no more`() async throws {
        let stage = try await Stage.start()
        let token = try await stage.issuer.token()
        #expect(try await stage.get(Self.list, token).status == 200)
        let initiate = try await stage.server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: token)
        #expect(initiate.status == 200)
        let metrics = try await stage.get("/metrics", token)
        #expect(metrics.status == 403 && metrics.body.contains("permission_denied"))
        let line = try #require(try await AuditLines(stage.server.log).of("initiate").first)
        #expect(line["credential_id"] == "jwt:app-1" && line["workspace_id"] == "wsp_development")
        #expect(try await !stage.server.log.contains(token))
        await stage.stop()
    }

    @Test func `S27 a token that does not hold is a 401, whatever is wrong with it`() async throws {
        let stage = try await Stage.start()
        let now = Int(Date().timeIntervalSince1970)
        let good = try await stage.issuer.token()
        let parts = good.split(separator: ".").map(String.init)
        let none = Data(#"{"alg":"none"}"#.utf8).base64EncodedString().filter { $0 != "=" }
        var bad = [
            "no signature": "\(parts[0]).\(parts[1]).", "none": "\(none).\(parts[1]).",
            "two parts": "\(parts[0]).\(parts[1])", "cut": String(good.dropLast(4)), "a dot": ".",
        ]
        let claims: [(String, [String: Any?])] = [
            ("expired", ["exp": now - 120]), ("no exp", ["exp": nil]), ("not yet", ["nbf": now + 3600]),
            ("another issuer", ["iss": "https://attacker.example"]), ("another audience", ["aud": "other"]),
            ("no audience", ["aud": nil]), ("no workspace", ["workspace_id": nil]),
            ("a workspace that is a number", ["workspace_id": 1]),
            ("a workspace with a line feed", ["workspace_id": "wsp\n1"]), ("no issuer", ["iss": nil]),
        ]
        for (name, changes) in claims { bad[name] = try await stage.issuer.token(changes) }
        for (name, token) in bad {
            let answer = try await stage.get(Self.list, token)
            #expect(answer.status == 401 && answer.body.contains("invalid_credential"), "\(name)")
            #expect(answer.headers.first(name: "www-authenticate")?.hasPrefix("Bearer") == true)
        }
        // A token is no API key, and does not come as one.
        #expect(try await stage.server.send(.GET, Self.list, headers: ["X-API-Key": good]).status == 401)
        let both = try await stage.get(Self.list, good, headers: ["X-API-Key": stage.server.apiKey()])
        #expect(both.status == 400 && both.body.contains("conflicting_credentials"))
        #expect(try await stage.get(Self.list, good).status == 200)
        await stage.stop()
    }

    @Test func `S22 a token opens the workspaces that it names, and no other`() async throws {
        let stage = try await Stage.start()
        let other = try await stage.issuer.token(["workspace_id": "wsp_other"])
        let refused = try await stage.server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: other)
        #expect(refused.status == 403 && refused.body.contains("workspace_denied"))
        let several = try await stage.issuer.token(["workspace_id": ["wsp_development", "wsp_b"]])
        #expect(try await stage.get(Self.list, several).body.contains("workspace_required"))
        for (workspace, status) in [("wsp_development", 200), ("wsp_b", 200), ("wsp_c", 403)] {
            let answer = try await stage.get(Self.list, several, headers: ["X-Workspace-Id": workspace])
            #expect(answer.status == status, "\(workspace)")
        }
        await stage.stop()
    }

    @Test func `claims say which user and which permissions, under the names that the operator gives`()
        async throws
    {
        let prefix = "SYMBOLON_CREDENTIALS_JWT_"
        let stage = try await Stage.start([
            prefix + "WORKSPACE_CLAIM": "https://example.com/workspace", prefix + "USER_CLAIM": "user.id",
            prefix + "PERMISSIONS_CLAIM": "scope", prefix + "PERMISSIONS": "read,initiate",
        ])
        func token(_ scope: String, user: Any? = ["id": "user-7"]) async throws -> String {
            try await stage.issuer.token([
                "workspace_id": nil, "https://example.com/workspace": "wsp_development", "user": user,
                "scope": scope,
            ])
        }
        #expect(try await stage.get(Self.list, token("read other")).status == 200)
        #expect(try await stage.get(Self.list, token("initiate")).status == 403)
        #expect(try await stage.get(Self.list, token("")).status == 403)
        // What the operator has not granted no claim can add.
        #expect(try await stage.get("/metrics", token("admin read")).status == 403)
        #expect(try await stage.get(Self.list, token("read", user: nil)).status == 401)
        let initiate = try await stage.server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: token("initiate"))
        #expect(initiate.status == 200)
        #expect(try await AuditLines(stage.server.log).of("initiate").last?["user_id"] == "user-7")
        await stage.stop()
    }

    @Test func `S27 a new key is found when a token names it, and the old one is good no longer`()
        async throws
    {
        let stage = try await Stage.start()
        let before = try await stage.issuer.token()
        #expect(try await stage.get(Self.list, before).status == 200)
        try await stage.issuer.rotate()
        let after = try await stage.issuer.token()
        // The keys are read once in ten seconds at most.
        try await eventually("the new key is found", within: .seconds(20), every: .seconds(1)) {
            try await stage.get(Self.list, after).status == 200
        }
        #expect(try await stage.get(Self.list, before).status == 401)
        await stage.stop()
    }

    @Test func `S28 tokens with made-up keys fetch nothing but now and then`() async throws {
        let stage = try await Stage.start()
        #expect(try await stage.get(Self.list, stage.issuer.token()).status == 200)
        let before = try await stage.issuer.fetchCount()
        for index in 0..<30 {
            let token = try await stage.issuer.token(header: ["kid": "made-up-\(index)"])
            #expect(try await stage.get(Self.list, token).status == 401)
        }
        #expect(try await stage.issuer.fetchCount() - before <= 2)
        await stage.stop()
    }

    @Test func `S30 an issuer that is away takes nobody's good token`() async throws {
        let stage = try await Stage.start()
        let token = try await stage.issuer.token()
        #expect(try await stage.get(Self.list, token).status == 200)
        await stage.issuer.stop()
        #expect(try await stage.get(Self.list, token).status == 200)
        await stage.server.stop()
    }

    @Test(arguments: [
        (["ISSUER": "https://issuer.example"], "credentials.jwt.audience is missing"),
        (["USER_CLAIM": "sub"], "credentials.jwt.issuer is missing"),
        (
            ["ISSUER": "i", "AUDIENCE": "a", "JWKS": "http://attacker.example/keys"],
            "credentials.jwt.jwks must be an https URL"
        ),
        (
            ["ISSUER": "i", "AUDIENCE": "a", "JWKS": "keys.json", "ALGORITHMS": "RS256,HS256"],
            "credentials.jwt.algorithms must be among"
        ),
        (
            ["ISSUER": "i", "AUDIENCE": "a", "JWKS": "keys.json", "ALGORITHMS": "none"],
            "credentials.jwt.algorithms must be among"
        ),
        (
            ["ISSUER": "i", "AUDIENCE": "a", "JWKS": "keys.json", "PERMISSIONS": "everything"],
            "credentials.jwt.permissions must be among"
        ),
    ])
    func `settings that no token could be judged by refuse the start`(
        _ settings: [String: String], _ mistake: String
    ) async throws {
        let folder = try TemporaryFolder()
        let environment = Dictionary(
            uniqueKeysWithValues: settings.map { ("SYMBOLON_CREDENTIALS_JWT_" + $0.key, $0.value) })
        let run = try await Tool.run(SymbolonBinary.path(), ["serve"], environment: environment, in: folder)
        #expect(run.status == 3 && run.output.contains(mistake), "\(run.output)")
    }
}
