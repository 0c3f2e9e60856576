import Connections
import ConnectionsSQLite
import ConnectionsTesting
import Integrations
import Logging
import OAuth
import OAuthHTTP
import StateTokens
import Synchronization
import Testing

@testable import ConnectService

/// Every way in which the other side can fail, at everything that is sent to it without a person who waits.
@Suite("A fault of the other side at every request") struct ProviderFaultTests {
    enum Fault: CaseIterable {
        case tooMany, serverError, unavailable, dropped, slow, notJSON

        var answer: TokenEndpoint.Answer {
            switch self {
            case .tooMany: .later("30")
            case .serverError: .json("{}", status: 500)
            case .unavailable: .json(#"{"error":"temporarily_unavailable"}"#, status: 503)
            case .dropped: .drop
            case .slow: .hang
            case .notJSON:
                .raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")
            }
        }

        /// Whether the request may have had its effect all the same.
        var mayHaveWorked: Bool { self == .dropped || self == .slow || self == .notJSON }
    }

    private static let workspaceID = Deployment.workspaceID

    /// A connection whose access token is over, at a provider that ends the family when a refresh token is used twice. It
    /// fails once, at the next refresh.
    private struct Stage: Sendable {
        let bench: FlowBench
        let id: ConnectionID
        let provider = StrictRefreshes()

        /// - Parameter works: the refresh token is spent before the fault.
        init(_ fault: Fault, works: Bool = false, isRead: Bool = false) async throws {
            bench = try await FlowBench("refresh: {mode: rotates}")
            id = try await bench.connect()
            if isRead {
                let tokens = bench.accessTokens(reads: TokenReads())
                tokens.noteRead(try await bench.read(id))
                await tokens.flushReads()
            }
            bench.advance(by: .seconds(3_600))
            let isOver = Mutex(false)
            bench.endpoint.script { [provider] call in
                let fails = isOver.withLock { isOver in
                    defer { isOver = true }
                    return !isOver
                }
                guard fails else { return provider.answer(to: call) }
                if works { _ = provider.answer(to: call) }
                return fault.answer
            }
        }

        func token(isHasty: Bool = false) async throws(AccessTokenError) -> String {
            try await bench.accessTokens(isHasty: isHasty).current(
                id, workspaceID: ProviderFaultTests.workspaceID
            ).credentials.accessToken
        }

        /// The requests to refresh.
        var refreshes: [TokenEndpoint.Call] { Array(bench.endpoint.tokenCalls.dropFirst()) }

        /// Nothing has changed but that the provider is left alone for a while.
        func expectUntouched(_ before: OpenConnection) async throws {
            let after = try await bench.read(id)
            #expect(after.credentials == before.credentials)
            #expect(after.connection.status == .active)
        }
    }

    @Test(arguments: Fault.allCases)
    func `S24 at a refresh, it loses no refresh token and asks again only when it may`(
        _ fault: Fault
    ) async throws {
        let stage = try await Stage(fault)
        let before = try await stage.bench.read(stage.id)
        let error = await #expect(throws: AccessTokenError.self) {
            try await stage.token(isHasty: fault == .slow)
        }
        let wait = fault == .tooMany ? 30 : 10
        #expect(error == (fault == .slow ? .providerTimeout : .providerError(retryAfter: wait)))
        try await stage.expectUntouched(before)
        stage.bench.advance(by: .seconds(wait - 1))
        await #expect(throws: AccessTokenError.providerError(retryAfter: 1)) { try await stage.token() }
        #expect(stage.refreshes.count == 1, "the provider is left alone as long as it asks for")
        stage.bench.advance(by: .seconds(1))
        #expect(try await stage.token() == "access-2")
        #expect(try await stage.token() == "access-2")
        #expect(stage.refreshes.map { $0.fields["refresh_token"] } == ["refresh-1", "refresh-1"])
        #expect(stage.provider.reused.isEmpty && stage.provider.number == 2)
        let types = try await stage.bench.store.events(of: stage.id, workspaceID: Self.workspaceID)?.map(
            \.type)
        #expect(types == ["refreshed", "refresh_failed", "created"])
    }

    @Test(arguments: Fault.allCases)
    func `S24 at a sweep, it loses no refresh token, and a later sweep refreshes`(_ fault: Fault) async throws
    {
        let stage = try await Stage(fault, isRead: true)
        let before = try await stage.bench.read(stage.id)
        await ConnectionSweep(stage.bench.accessTokens(isHasty: fault == .slow)).pass()
        #expect(stage.refreshes.count == 1)
        try await stage.expectUntouched(before)
        await ConnectionSweep(stage.bench.accessTokens()).pass()
        #expect(stage.refreshes.count == 1, "it waits")
        for _ in 0..<10 where stage.refreshes.count == 1 {
            stage.bench.advance(by: .seconds(400))
            await ConnectionSweep(stage.bench.accessTokens()).pass()
        }
        let after = try await stage.bench.read(stage.id)
        #expect((after.credentials.accessToken, after.credentials.refreshToken) == ("access-2", "refresh-2"))
        #expect(stage.refreshes.count == 2 && stage.provider.reused.isEmpty)
    }

    /// The new refresh token is lost with the response, and nothing brings it back: the app must be told.
    @Test(arguments: Fault.allCases.filter(\.mayHaveWorked), [false, true])
    func `S24 where the provider rotated and its response was lost, the end is announced, and once`(
        _ fault: Fault, _ isSweep: Bool
    ) async throws {
        let stage = try await Stage(fault, works: true, isRead: isSweep)
        for _ in 0..<12 where stage.refreshes.count < 2 {
            // The second one is to get its response.
            let isHasty = fault == .slow && stage.refreshes.isEmpty
            if isSweep {
                await ConnectionSweep(stage.bench.accessTokens(isHasty: isHasty)).pass()
            } else {
                _ = try? await stage.token(isHasty: isHasty)
            }
            stage.bench.advance(by: .seconds(400))
        }
        #expect(stage.refreshes.map { $0.fields["refresh_token"] } == ["refresh-1", "refresh-1"])
        await #expect(throws: AccessTokenError.reconnectRequired) { try await stage.token() }
        await ConnectionSweep(stage.bench.accessTokens()).pass()
        #expect(stage.refreshes.count == 2, "a refresh token that is over is not sent again")
        #expect(try await stage.bench.read(stage.id).connection.status == .expired)
        let types = try await stage.bench.store.events(of: stage.id, workspaceID: Self.workspaceID)?.map(
            \.type)
        #expect(types == ["expired", "refresh_failed", "created"])
    }

    @Test(arguments: Fault.allCases)
    func `S21 at a revocation, it is asked again, and every grant is revoked in the end`(
        _ fault: Fault
    ) async throws {
        let bench = try await FlowBench()
        for name in ["a", "b"] {
            _ = try await bench.connect(
                Grant.json(token: "access-\(name)", refresh: "refresh-\(name)", account: name), code: name)
        }
        let id = try await RevokeGrants(bench.accessTokens()).begin(
            RevocationFilter(workspaceID: Self.workspaceID), isDryRun: false, idempotencyKey: nil,
            credentialID: "key_one"
        ).id
        bench.endpoint.scriptRevocations { _ in fault.answer }
        await RevocationWorker(bench.accessTokens(isHasty: fault == .slow)).pass()
        // A revocation is answered by its status alone (RFC 7009 §2.2).
        let isDone = fault == .notJSON
        #expect(try await bench.store.revocation(id)?.counts.left == (isDone ? 0 : 2))
        bench.endpoint.scriptRevocations { _ in .json("{}") }
        bench.advance(by: .seconds(300))
        for _ in 0..<2 { await RevocationWorker(bench.accessTokens()).pass() }
        let counts = try await bench.store.revocation(id)?.counts
        #expect(counts?.revoked == 2 && counts?.left == 0)
        let asked = bench.endpoint.revocations.map { $0.fields["token"] ?? "" }
        #expect(Set(asked) == ["refresh-a", "refresh-b"] && asked.count == (isDone ? 2 : 4))
    }

    @Test(arguments: Fault.allCases)
    func `S46 at a webhook, it is sent again under the same id, and those after it wait`(
        _ fault: Fault
    ) async throws {
        let app = try await TokenEndpoint()
        let folder = try TemporaryFolder()
        let clock = ManualClock()
        let secret = try folder.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", to: "secret")
        let target = WebhookTarget(workspaceID: Sample.workspaceID, url: "\(app.url)/hook")
        let endpoint = WebhookEndpoint(url: target.url, secretFile: secret, types: Set(WebhookType.allCases))
        let endpoints = WebhookEndpoints(
            WorkspaceDirectory([
                Workspace(id: target.workspaceID, redirectURIs: .everyLoopback, webhooks: [endpoint])
            ]))
        let store = try SQLiteConnectionStore(
            path: folder.path("store.sqlite"), clock: .injected { clock.now },
            subscriptions: endpoints.subscriptions)
        let id = try ConnectionID.random()
        try await store.insert(Sample.connection(id), Sample.sealed())
        _ = try await store.update(
            id, workspaceID: Sample.workspaceID, ifRevision: 1, ConnectionChanges(label: "x"))
        let expected = try await store.webhooks(workspaceID: nil, areDead: nil, limit: 10).map(\.id)

        let client = ProviderHTTPClient(
            ProviderHTTPConfiguration(
                timeout: .milliseconds(fault == .slow ? 1_000 : 20_000), allowsInsecureLoopback: true))
        let deliveries = WebhookDeliveries(store, to: endpoints, logger: Logger(label: "test")) { request in
            do throws(ProviderRequestError) {
                return WebhookResult(status: try await client.send(request, as: .webhook).status)
            } catch {
                return WebhookResult(error)
            }
        }
        app.answer(fault.answer)
        await deliveries.deliver(to: target)
        // What the response holds does not matter.
        let isDelivered = fault == .notJSON
        let sent = { app.tokenCalls.map { $0.headers["webhook-id"] ?? "" } }
        #expect(sent() == (isDelivered ? expected : [expected[0]]))
        app.answer(.json("{}"))
        await deliveries.deliver(to: target)
        #expect(sent().count == (isDelivered ? 2 : 1), "it waits")
        clock.advance(by: .seconds(5))
        await deliveries.deliver(to: target)
        #expect(sent() == (isDelivered ? expected : [expected[0]] + expected))
        let backlog = try await store.webhookBacklog()
        #expect(backlog.waitingCount == 0 && backlog.deadCount == 0)
        await client.shutdown()
    }
}
