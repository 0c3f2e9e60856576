import AsyncHTTPClient
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// A workspace with a client of its own, and with fewer integrations than another, by way of API and command line.
@Suite("Workspaces' own clients in the API", .timeLimit(.minutes(2))) struct OwnClientAPITests {
    private let folder: TemporaryFolder
    private let port: Int
    /// For `wsp_1` and `wsp_2`.
    private let keys: [String]

    init() async throws {
        folder = try TemporaryFolder()
        port = try LoopbackPort.free()
        try await ProductionSite.makeKeyrings(in: folder)
        var keys: [String] = []
        for number in 1...2 {
            keys.append(try await ProductionSite.makeKey(workspaces: ["wsp_\(number)"], in: folder).text)
        }
        self.keys = keys
        try folder.write("canary-own\n", to: "own-secret")
        try write(
            "client_id: own-client, client_secret_file: own-secret, scopes: [https://mail.google.com/]")
        try ProductionSite.writeSettings(
            """
            integrations:
              gmail: {client_id: operators-client, client_secret: canary-operators}
              slack: {client_id: operators-client, client_secret: canary-operators}
              stripe: {client_id: operators-client, client_secret: canary-operators}
            """, port: port, in: folder)
    }

    private func write(_ client: String) throws {
        try folder.write(
            """
            workspaces:
              wsp_1:
                redirect_uris: [https://app.example.com/done]
                only: [gmail, slack]
                integrations: {gmail: {\(client)}}
              wsp_2: {redirect_uris: [https://app.example.com/done]}
            """, to: "workspaces.yaml")
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func run(_ arguments: String...) async throws -> Tool.Result {
        try await Tool.run(SymbolonBinary.path(), arguments + ["--config", "symbolon.yaml"], in: folder)
    }

    @Test func `S22 a flow has the parameters of its own client, and not the operator's`() async throws {
        try ProductionSite.writeSettings(
            """
            integrations:
              amazon-selling-partner:
                client_id: operators-client
                client_secret: canary-operators
                params: {application_id: amzn1.sp.solution.operators}
            """, port: port, in: folder)
        try folder.write(
            """
            workspaces:
              wsp_1:
                redirect_uris: [https://app.example.com/done]
                integrations:
                  amazon-selling-partner:
                    client_id: own-client
                    client_secret_file: own-secret
                    params: {application_id: amzn1.sp.solution.own}
              wsp_2: {redirect_uris: [https://app.example.com/done]}
            """, to: "workspaces.yaml")
        let server = try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
        let body =
            #"{"integration_id": "amazon-selling-partner", "redirect_uri": "https://app.example.com/done"}"#
        for (key, application) in zip(keys, ["amzn1.sp.solution.own", "amzn1.sp.solution.operators"]) {
            let answer = try await server.send(.POST, "/api/v1/oauth/initiate", json: body, key: key)
            let flow = try answer.decoded(as: ConnectStage.Initiated.self)
            #expect(FormEncoding.query(of: flow.auth_url)["application_id"] == application)
        }
        await server.stop()
    }

    @Test func `a workspace sees and begins what is its own, another one the operator's`() async throws {
        let server = try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
        let list = try await server.send(.GET, "/api/v1/integrations?limit=1000", key: keys[0])
        let data = try #require(try object(list.body)["data"] as? [[String: Any]])
        #expect(Set(data.compactMap { $0["id"] as? String }) == ["gmail", "slack"])
        let gmail = try object(try await server.send(.GET, "/api/v1/integrations/gmail", key: keys[0]).body)
        #expect(gmail["own_client"] as? Bool == true && gmail["connectable"] as? Bool == true)
        #expect((gmail["default_scopes"] as? [String])?.contains("https://mail.google.com/") == true)
        let others = try object(try await server.send(.GET, "/api/v1/integrations/gmail", key: keys[1]).body)
        #expect(others["own_client"] as? Bool == false)
        for (index, client) in [(0, "own-client"), (1, "operators-client")] {
            let body = #"{"integration_id": "gmail", "redirect_uri": "https://app.example.com/done"}"#
            let answer = try await server.send(.POST, "/api/v1/oauth/initiate", json: body, key: keys[index])
            #expect(answer.body.contains("client_id=\(client)&"), "\(answer.body)")
        }
        for path in ["/api/v1/integrations/stripe", "/api/v1/connections/integrations/stripe/requirements"] {
            #expect(try await server.send(.GET, path, key: keys[0]).errorCode == "integration_not_found")
            #expect(try await server.send(.GET, path, key: keys[1]).status == 200)
        }
        let refused = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "stripe"}"#, key: keys[0])
        #expect(refused.status == 404 && refused.errorCode == "integration_not_found", "\(refused.body)")
        let log = try await server.log
        #expect(!log.contains("canary") && !list.body.contains("canary"), "S23")
        await server.stop()
    }

    @Test func `S41 the redirect URI to register is the one that is used, and no other takes its flow`()
        async throws
    {
        let server = try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
        let gmail = try object(try await server.send(.GET, "/api/v1/integrations/gmail", key: keys[0]).body)
        let uri = try #require(gmail["redirect_uri"] as? String)
        #expect(
            uri.hasPrefix(server.callbackURL("gmail") + "/") && uri.split(separator: "/").last?.count == 22)
        let body = #"{"integration_id": "gmail", "redirect_uri": "https://app.example.com/done"}"#
        let begun: ConnectStage.Initiated = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: body, key: keys[0]
        ).decoded()
        #expect(FormEncoding.query(of: begun.auth_url)["redirect_uri"] == uri)
        let path = "/api/v1/oauth/callback/gmail"
        let context = "/" + uri.split(separator: "/").suffix(1).joined()
        let query = "error=access_denied&state=\(begun.state)"
        for wrong in ["", "/\(String(repeating: "A", count: 22))", "\(context)A", "/%41"] {
            let refused = try await server.send(.GET, "\(path)\(wrong)?\(query)")
            #expect(refused.status == 400 && refused.body.contains("invalid_state"), "\(wrong)")
        }
        #expect(try await server.send(.GET, "\(path)\(context)/x?\(query)").status == 404)
        #expect(try await server.send(.HEAD, path + context).status == 204)
        let ended = try await server.send(.GET, "\(path)\(context)?\(query)")
        #expect(ended.status == 303, "\(ended.body)")
        #expect(ended.headers.first(name: "location")?.contains("error=access_denied") == true)
        var form = HTTPClientRequest(url: server.baseURL + path + context)
        form.method = .POST
        form.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        form.body = .bytes(Array(query.utf8))
        let posted = try await Answer(to: form)
        #expect(posted.status == 303, "\(posted.body)")
        await server.stop()
    }

    @Test func `S41 a host of the caller's has a redirect URI of its own, which can be asked for`()
        async throws
    {
        let config = try folder.read("symbolon.yaml")
        try folder.write(config + "\n  gitea: {client_id: operators-client}\n", to: "symbolon.yaml")
        let server = try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
        let path = "/api/v1/integrations/gitea"
        let unknown = try object(try await server.send(.GET, path, key: keys[1]).body)
        #expect(unknown["redirect_uri"] is NSNull)
        func redirectURI(_ query: String) async throws -> String? {
            try object(try await server.send(.GET, "\(path)?\(query)", key: keys[1]).body)["redirect_uri"]
                as? String
        }
        let uri = try #require(try await redirectURI("param=base%3Ahttps%3A%2F%2Fgit.example.com"))
        #expect(try await redirectURI("param=base:https://git.example.com") == uri)
        #expect(try await redirectURI("param=base:https://git.example.org") != uri)
        #expect(try await redirectURI("param=base:git.example.com") == nil, "no URL")
        for improper in ["param=base", "param=:https://git.example.com", "param="] {
            let answer = try await server.send(.GET, "\(path)?\(improper)", key: keys[1])
            #expect(answer.status == 422 && answer.body.contains("param_parsing"), "\(answer.body)")
        }
        let shown = try await run(
            "integrations", "show", "gitea", "--param", "base=https://git.example.com", "--json")
        #expect(try object(shown.output)["redirect_uri"] as? String == uri)
        let body =
            #"{"integration_id": "gitea", "redirect_uri": "https://app.example.com/done", "params": {"base": "https://git.example.com"}}"#
        let begun: ConnectStage.Initiated = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: body, key: keys[1]
        ).decoded()
        #expect(FormEncoding.query(of: begun.auth_url)["redirect_uri"] == uri)
        await server.stop()
    }

    @Test func `the command line shows a workspace's client without its secret`() async throws {
        let shown = try await run("integrations", "show", "gmail", "--workspace", "wsp_1", "--json")
        #expect(shown.status == 0 && shown.output.contains(#""own_client":true"#), "\(shown.output)")
        let report = try await run("integrations", "show", "gmail", "--workspace", "wsp_1")
        #expect(report.output.contains("own-client") && report.output.contains("the workspace `wsp_1`"))
        let request = try await run(
            "integrations", "show", "gmail", "--workspace", "wsp_1", "--token-request")
        #expect(request.output.contains("client_id=own-client"), "\(request.output)")
        let checked = try await run("config", "check")
        #expect(checked.status == 0 && checked.output.contains("own-client"), "\(checked.output)")
        for output in [shown.output, report.output, request.output, checked.output] {
            #expect(!output.contains("canary"), "S23")
        }
        #expect(try await run("integrations", "show", "stripe", "--workspace", "wsp_1").status == 1)
        #expect(try await run("integrations", "show", "gmail", "--workspace", "wsp_9").status == 1)
    }

    @Test(arguments: [
        ("client_id: own-client", "client_secret_file is missing"),
        (
            "client_id: own-client, client_secret_file: nowhere",
            "client_secret_file must name a readable file"
        ),
        ("client_id: own-client, client_secret_file: own-secret, params: {x: canary}", "params.x"),
    ])
    func `S37 a file with half a client is rejected before anything starts`(
        _ client: String, _ part: String
    ) async throws {
        try write(client)
        let checked = try await run("config", "check")
        #expect(checked.status == 3 && checked.output.contains(part), "\(checked.output)")
        #expect(!checked.output.contains("canary"), "S24")
    }
}
