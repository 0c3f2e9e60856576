import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

/// What an app may change of a connection, and what of it stands in URLs.
@Suite("Edits of a connection") struct ConnectionEditTests {
    private static func tenants() async throws -> FlowBench {
        try await FlowBench { url in
            Catalogs.sample(at: "\(url)/{tenant}", "parameters: {tenant: {label: Tenant, kind: segment}}")
        }
    }

    private func connected(_ bench: FlowBench, tenant: String? = "acme") async throws -> Connection {
        bench.endpoint.answer(.json(Grant.json()))
        let command = InitiateCommand(
            integrationID: "sample", redirectURI: Deployment.redirectURI,
            parameters: tenant.map { ["tenant": $0] } ?? [:])
        let flow = try bench.deployment.authorized(code: "first", command, userID: "user_1")
        guard case .finished(.success(let id)) = await bench.completion().complete(flow, binding: .direct)
        else { throw StoreError.notFound }
        return try await bench.read(id).connection
    }

    private func change(
        _ bench: FlowBench, _ connection: Connection, _ edit: ConnectionEdit
    ) async throws(ChangeConnectionError) -> Connection {
        try await ChangeConnection(store: bench.store, integrations: bench.deployment.registry).change(
            connection.id, workspaceID: connection.workspaceID, by: edit)
    }

    @Test(arguments: ["other", "ACME", "", "acme/../other"])
    func `S19 a value that stands in a URL is not changed, and nothing else with it`(
        _ tenant: String
    ) async throws {
        let bench = try await Self.tenants()
        let connection = try await connected(bench)
        #expect(connection.config["tenant"] == "acme")
        await #expect(throws: ChangeConnectionError.fixedParameter(name: "tenant")) {
            try await change(
                bench, connection, ConnectionEdit(label: "new", config: ["tenant": tenant, "colour": "red"]))
        }
        #expect(try await bench.read(connection.id).connection == connection)
    }

    @Test(arguments: [["colour": "red"], ["colour": "red", "tenant": "acme"], [:]])
    func `what stands in none is changed, and the value in the URL stays`(
        _ config: [String: String]
    ) async throws {
        let bench = try await Self.tenants()
        let connection = try await connected(bench)
        let changed = try await change(bench, connection, ConnectionEdit(config: config))
        #expect(changed.config == config.merging(["tenant": "acme"]) { $1 })
    }

    @Test func `S21 another user's name makes a flow's connection an imported one`() async throws {
        let bench = try await FlowBench()
        let connection = try await connected(bench, tenant: nil)
        #expect(connection.binding == .direct && connection.userID == "user_1")
        let same = try await change(bench, connection, ConnectionEdit(userID: "user_1"))
        #expect(same.binding == .direct)
        let changed = try await change(bench, connection, ConnectionEdit(userID: "user_2"))
        #expect(changed.binding == .imported && changed.userID == "user_2")
        #expect(try await bench.read(connection.id).connection.binding == .imported)
    }
}
