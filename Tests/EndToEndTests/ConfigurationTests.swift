import AsyncHTTPClient
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The program as an operator starts it.
@Suite("Configuration", .timeLimit(.minutes(2))) struct ConfigurationTests {
    /// A folder with everything that production needs, made by the program's own commands.
    struct Deployment {
        let folder: TemporaryFolder
        let port: Int
        let apiKey: String
        let configuration: String

        init(port chosen: Int? = nil, changing: (inout [String: String]) -> Void = { _ in }) async throws {
            folder = try TemporaryFolder()
            port = try chosen ?? LoopbackPort.free()
            for purpose in ["state", "connections"] {
                let made = try await Self.run(
                    ["keys", "generate", "--keyring", "\(folder.path)/\(purpose).keyring"], in: folder)
                try #require(made.status == 0, "\(made.output)")
            }
            let key = try await Self.run(
                [
                    "api-keys", "create", "--file", "\(folder.path)/api-keys.json", "--workspace", "wsp_1",
                    "--json",
                ],
                in: folder)
            try #require(key.status == 0, "\(key.output)")
            let line = try #require(key.output.split(separator: "\n").first { $0.hasPrefix("{") })
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            apiKey = try #require(object?.values.compactMap { $0 as? String }.first { $0.hasPrefix("sym_") })
            _ = try folder.write(
                "workspaces: {wsp_1: {redirect_uris: [\"https://app.example.com/done\"]}}",
                to: "workspaces.yaml")
            _ = try folder.write("s3cret-of-the-client\n", to: "gmail-secret")
            var settings = [
                "public_url": "https://connect.example.com", "listen": "{host: 127.0.0.1, port: \(port)}",
                "keyrings": "{state: state.keyring, connections: connections.keyring}",
                "credentials": "{api_keys: api-keys.json}", "store": "sqlite:symbolon.sqlite",
                "workspaces": "workspaces.yaml",
                "integrations": "{gmail: {client_id: a, client_secret_file: gmail-secret}}",
            ]
            changing(&settings)
            let text = settings.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            configuration = try folder.write(text.joined(separator: "\n"), to: "symbolon.yaml")
        }

        func start() async throws -> ServerProcess {
            let process = try ServerProcess(
                SymbolonBinary.path(), ["serve", "--config", configuration], workingDirectory: folder.url,
                logFile: folder.url.appending(path: "serve.log"))
            try await process.waitForLine { $0.hasPrefix("Symbolon ") }
            return process
        }

        static func run(
            _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
        ) async throws -> (status: Int32, output: String) {
            let run = try await Tool.run(
                SymbolonBinary.path(), arguments, environment: environment, in: folder)
            return (run.status, run.output)
        }

        func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> (
            status: Int32, output: String
        ) {
            try await Self.run(arguments, in: folder, environment: environment)
        }
    }

    @Test func `S18 our own URL is the configured one, whatever a request claims`() async throws {
        let deployment = try await Deployment()
        let process = try await deployment.start()
        let claims: [HTTPHeaders] = [
            ["Host": "attacker.example"], ["Host": "attacker.example:8443"],
            ["X-Forwarded-Host": "attacker.example", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "81"],
            ["X-Forwarded-Prefix": "/attacker.example", "X-Forwarded-Server": "attacker.example"],
            ["Forwarded": "for=127.0.0.1;host=attacker.example;proto=http"],
            ["X-Original-Host": "attacker.example", "X-Original-URL": "https://attacker.example/"],
            ["X-Host": "attacker.example", "X-Rewrite-URL": "https://attacker.example/"],
            ["Origin": "https://attacker.example", "Referer": "https://attacker.example/"],
        ]
        let local = "http://127.0.0.1:\(deployment.port)/api/v1"
        let callback = "https://connect.example.com/api/v1/oauth/callback/gmail"
        for claim in claims {
            var initiate = HTTPClientRequest(url: "\(local)/oauth/initiate")
            initiate.method = .POST
            initiate.headers = claim
            initiate.headers.add(name: "x-api-key", value: deployment.apiKey)
            initiate.headers.add(name: "content-type", value: "application/json")
            initiate.body = .bytes(
                Array(#"{"integration_id": "gmail", "redirect_uri": "https://app.example.com/done"}"#.utf8))
            let begun = try await Answer(to: initiate)
            #expect(begun.status == 200, "\(begun.body)")
            let object = try JSONSerialization.jsonObject(with: Data(begun.body.utf8)) as? [String: String]
            let state = try #require(object?["state"])
            #expect(FormEncoding.query(of: try #require(object?["auth_url"]))["redirect_uri"] == callback)
            // The state's audience is the configured URL: it comes back and is authentic.
            var denied = HTTPClientRequest(
                url: "\(local)/oauth/callback/gmail?error=access_denied"
                    + "&iss=https%3A%2F%2Faccounts.google.com&state=\(state)")
            denied.headers = claim
            let ended = try await Answer(to: denied)
            #expect(ended.status == 303, "\(ended.body)")
            let location = ended.headers.first(name: "location")
            #expect(
                location?.hasPrefix("https://app.example.com/done?status=error&error=access_denied") == true)
            var list = HTTPClientRequest(url: "\(local)/integrations/gmail")
            list.headers = claim
            list.headers.add(name: "x-api-key", value: deployment.apiKey)
            let listed = try await Answer(to: list)
            let shown = try JSONSerialization.jsonObject(with: Data(listed.body.utf8)) as? [String: Any]
            #expect(shown?["redirect_uri"] as? String == callback)
            for answer in [begun, ended, listed] {
                #expect(!"\(answer.headers) \(answer.body)".contains("attacker.example"))
            }
        }
        #expect(await process.stop() == 0)
    }

    @Test func `production's home page holds no key, and its catalog asks for a credential`() async throws {
        let deployment = try await Deployment()
        let process = try await deployment.start()
        let home = try await Answer(
            to: HTTPClientRequest(url: "http://127.0.0.1:\(deployment.port)/"))
        #expect(home.status == 200 && !home.body.contains("data-key"))
        for path in ["/sandbox/authorize", "/development/flow", "/api/v1/integrations"] {
            let url = HTTPClientRequest(url: "http://127.0.0.1:\(deployment.port)\(path)")
            #expect([401, 404].contains(try await Answer(to: url).status))
        }
        #expect(await process.stop() == 0)
    }

    @Test func `config check says where each value comes from, and masks secrets`() async throws {
        let deployment = try await Deployment()
        let checked = try await deployment.run(
            ["config", "check", "--config", deployment.configuration, "--port", "9999"],
            environment: [
                "SYMBOLON_STATE_LIFETIME": "300", "SYMBOLON_INTEGRATIONS_GITHUB_CLIENT_SECRET": "hush",
                "SYMBOLON_INTEGRATIONS_GITHUB_CLIENT_ID": "a",
            ])
        #expect(checked.status == 0, "\(checked.output)")
        let lines = checked.output.split(separator: "\n")
        #expect(lines.contains { $0.contains("listen.port") && $0.contains("9999") && $0.contains("flag") })
        #expect(
            lines.contains {
                $0.contains("state.lifetime") && $0.contains("300") && $0.contains("SYMBOLON_STATE_LIFETIME")
            })
        #expect(lines.contains { $0.contains("public_url") && $0.contains("symbolon.yaml") })
        #expect(lines.contains { $0.contains("providers.timeout") && $0.contains("default") })
        #expect(checked.output.contains("production"))
        #expect(!checked.output.contains("hush") && !checked.output.contains("s3cret"))
    }

    @Test(arguments: ["public_url", "keyrings", "credentials", "store", "workspaces"])
    func `production refuses to start without one of its parts, and names it`(_ name: String) async throws {
        let deployment = try await Deployment { $0[name] = nil }
        for command in [["serve"], ["config", "check"]] {
            let ended = try await deployment.run(command + ["--config", deployment.configuration])
            #expect(ended.status == 3, "\(ended.output)")
            #expect(ended.output.contains("error: ") && ended.output.contains(name))
            #expect(ended.output.contains("SYMBOLON_\(name == "keyrings" ? "KEYRINGS" : name.uppercased())"))
        }
    }

    static let mistakes: [(String, String, String)] = [
        ("public_url", "connect.example.com", "absolute URL"),
        ("public_url", "http://connect.example.com", "must be https"),
        ("listen", "{host: 127.0.0.1, port: many}", "listen.port"),
        ("listen", "{hots: 127.0.0.1}", "unknown setting `listen.hots`; did you mean `listen.host`?"),
        ("store", "mysql://localhost/x", "sqlite:PATH"),
        (
            "keyrings", "{state: connections.keyring, connections: connections.keyring}",
            "a state keyring is needed"
        ),
        ("keyrings", "{state: nowhere.keyring, connections: connections.keyring}", "symbolon keys generate"),
        ("credentials", "{api_keys: nowhere.json}", "symbolon api-keys create"),
        ("workspaces", "gmail-secret", "workspaces"),
        ("integrations", "{gmial: {client_id: a}}", "no integration `gmial`"),
        ("integrations", "{gmail: {client_id: a, client_secret_file: nowhere}}", "the file cannot be read"),
        ("log", "{level: loud}", "log.level must be one of"),
        ("log", "{format: xml}", "log.format must be text or json"),
        ("state", "{lifetime: 7200}", "max_lifetime"),
    ]

    @Test(arguments: mistakes.indices) func `a mistake is named, with what to do`(_ index: Int) async throws {
        let (name, value, said) = Self.mistakes[index]
        let deployment = try await Deployment { $0[name] = value }
        let checked = try await deployment.run(["config", "check", "--config", deployment.configuration])
        #expect(checked.status == 3, "\(checked.output)")
        #expect(checked.output.contains(said), "\(checked.output)")
    }

    @Test func `a misspelt variable does not pass for a default`() async throws {
        let deployment = try await Deployment()
        let checked = try await deployment.run(
            ["config", "check", "--config", deployment.configuration],
            environment: ["SYMBOLON_LISTEN_PROT": "9000"])
        #expect(checked.status == 3)
        #expect(
            checked.output.contains(
                "unknown setting SYMBOLON_LISTEN_PROT; did you mean SYMBOLON_LISTEN_PORT?"))
    }

    @Test func `a password is not taken on the command line`() async throws {
        let deployment = try await Deployment()
        let ended = try await deployment.run(["serve", "--store", "postgresql://user:hush@localhost/x"])
        #expect(ended.status == 3)
        #expect(ended.output.contains("SYMBOLON_STORE") && !ended.output.contains("hush"))
    }
}
