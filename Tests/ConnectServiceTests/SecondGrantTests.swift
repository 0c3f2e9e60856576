import Connections
import ConnectionsSQLite
import Integrations
import OAuth
import StateTokens
import Synchronization
import Testing

@testable import ConnectService

@Suite("A second grant in a token response") struct SecondGrantTests {
    private static let workspaceID = Deployment.workspaceID

    private static func entry(_ more: String = "", _ extra: String = "") -> String {
        """
        response:
          access_token: [access_token, user.access_token]
          refresh_token: [refresh_token, user.refresh_token]
          expires_in: [expires_in, user.expires_in]
          scope: [scope, user.scope]
          second_grant: {access_token: user.access_token\(more)}
        refresh: {mode: rotates}
        \(extra)
        """
    }

    private static let user =
        #"{"access_token":"user-1","token_type":"user","refresh_token":"user-refresh-1","expires_in":7200,"scope":"search"}"#

    private static func both(_ user: String = user) -> String {
        Grant.json(token: "bot-1", refresh: "bot-refresh-1", more: #","scope":"read write","user":\#(user)"#)
    }

    /// A provider that rotates every refresh token, and answers with the new tokens at the top.
    private final class Rotation: Sendable {
        private let used = Mutex<[String]>([])

        var tokens: [String] { used.withLock { $0 } }

        func answer(to call: TokenEndpoint.Call, nested: Bool = false) -> TokenEndpoint.Answer {
            guard let token = call.fields["refresh_token"] else { return .json(SecondGrantTests.both()) }
            let isReused = used.withLock { used in
                defer { used.append(token) }
                return used.contains(token)
            }
            guard !isReused else { return Grant.error("invalid_grant") }
            let (name, number) = (
                token.hasPrefix("user") ? "user" : "bot",
                (Int(token.split(separator: "-").last ?? "") ?? 0) + 1
            )
            let grant = Grant.json(
                token: "\(name)-\(number)", refresh: "\(name)-refresh-\(number)",
                expiresIn: name == "user" ? 7_200 : 3_600, account: nil)
            return .json(nested && name == "user" ? #"{"user":\#(grant)}"# : grant)
        }
    }

    private func bench(_ more: String = "", _ extra: String = "") async throws -> (FlowBench, Rotation) {
        let bench = try await FlowBench(Self.entry(more, extra))
        return (bench, Rotation())
    }

    private func connected(
        _ more: String = "", _ extra: String = "", nested: Bool = false
    ) async throws -> (FlowBench, Rotation, ConnectionID) {
        let (bench, rotation) = try await bench(more, extra)
        let id = try await bench.connect(Self.both())
        bench.endpoint.script { rotation.answer(to: $0, nested: nested) }
        return (bench, rotation, id)
    }

    private func token(
        _ bench: FlowBench, _ id: ConnectionID, _ part: GrantPart, isForced: Bool = false
    ) async throws(AccessTokenError) -> String? {
        let open = try await bench.accessTokens().current(
            id, workspaceID: Self.workspaceID, isForced: isForced, part: part)
        return part == .first ? open.credentials.accessToken : open.credentials.second?.accessToken
    }

    // MARK: Kept

    @Test func `both are kept, and each is handed out by its name`() async throws {
        let (bench, rotation, id) = try await connected()
        #expect(try await token(bench, id, .first) == "bot-1")
        #expect(try await token(bench, id, .second) == "user-1")
        let found = try await bench.read(id)
        #expect(found.connection.scopesGranted == ["read", "write"])
        #expect(found.connection.expiresAt == bench.deployment.clock.now + .seconds(3_600))
        #expect(found.credentials.second?.scope == "search")
        #expect(found.credentials.second?.tokenType == "user")
        #expect(found.credentials.second?.expiresAt == bench.deployment.clock.now + .seconds(7_200))
        #expect(rotation.tokens.isEmpty)
    }

    @Test(arguments: [
        "{}", "null", "7", #"{"id":"U1"}"#, #"{"access_token":""}"#, #"{"access_token":null}"#,
        #"{"access_token":7}"#, #"{"refresh_token":"user-refresh-1","expires_in":7}"#,
        #"{"access_token":"bot-1","refresh_token":"user-refresh-1"}"#, #"[{"access_token":"user-1"}]"#,
    ])
    func `what is no token of its own is no second grant`(_ user: String) async throws {
        let bench = try await FlowBench(Self.entry())
        let id = try await bench.connect(Self.both(user))
        #expect(try await bench.read(id).credentials.second == nil)
        await #expect(throws: AccessTokenError.grantNotFound) { try await token(bench, id, .second) }
        await #expect(throws: AccessTokenError.grantNotFound) {
            try await token(bench, id, .second, isForced: true)
        }
        #expect(try await token(bench, id, .first) == "bot-1")
    }

    @Test func `a user's token alone is the connection's own`() async throws {
        let bench = try await FlowBench(Self.entry())
        let id = try await bench.connect(#"{"account_id":"a","user":\#(Self.user)}"#)
        #expect(try await token(bench, id, .first) == "user-1")
        await #expect(throws: AccessTokenError.grantNotFound) { try await token(bench, id, .second) }
    }

    @Test func `an entry that names none keeps one grant`() async throws {
        let bench = try await FlowBench()
        let id = try await bench.connect(Self.both())
        await #expect(throws: AccessTokenError.grantNotFound) { try await token(bench, id, .second) }
    }

    @Test func `S22 another workspace has neither`() async throws {
        let (bench, _, id) = try await connected()
        await #expect(throws: AccessTokenError.notFound) {
            try await bench.accessTokens().current(id, workspaceID: "wsp_other", part: .second)
        }
    }

    @Test(arguments: [#""access_token":"user\n1""#, #""access_token":"user-1","token_type":"a\u0000b""#])
    func `an exchange whose second grant cannot be kept is no exchange`(_ members: String) async throws {
        let bench = try await FlowBench(Self.entry())
        bench.endpoint.answer(.json(Self.both("{\(members)}")))
        let conclusion = await bench.completion().complete(
            try bench.deployment.authorized(), binding: .direct)
        guard case .finished(.failure) = conclusion else {
            Issue.record("\(conclusion)")
            return
        }
        #expect(try await bench.connections().isEmpty)
    }

    @Test func `an import may bring both`() async throws {
        let (bench, rotation) = try await bench()
        bench.endpoint.script { rotation.answer(to: $0) }
        let end = bench.deployment.clock.now - .seconds(60)
        let connection = try await ImportConnection(bench.accessTokens()).add(
            ImportCommand(
                integrationID: "sample",
                credentials: HeldCredentials(
                    accessToken: "bot-1", refreshToken: "bot-refresh-1",
                    second: HeldSecondGrant(
                        accessToken: "user-1", refreshToken: "user-refresh-1", tokenType: "user",
                        expiresAt: end, scope: "search"))), workspaceID: Self.workspaceID)
        let second = try #require(try await bench.read(connection.id).credentials.second)
        #expect(second.accessToken == "user-1" && second.expiresAt == end && second.scope == "search")
        #expect(try await token(bench, connection.id, .second) == "user-2", "it was over")
        #expect(rotation.tokens == ["user-refresh-1"])
    }

    @Test func `an import with a second grant that cannot be is rejected`() async throws {
        let none = try await FlowBench()
        let some = try await FlowBench(Self.entry())
        for (bench, token) in [(none, "user-1"), (some, "bot-1"), (some, "us\ner"), (some, "")] {
            await #expect(throws: ImportConnectionError.self) {
                try await ImportConnection(bench.accessTokens()).add(
                    ImportCommand(
                        integrationID: "sample",
                        credentials: HeldCredentials(
                            accessToken: "bot-1", second: HeldSecondGrant(accessToken: token))),
                    workspaceID: Self.workspaceID)
            }
            #expect(try await bench.connections().isEmpty)
        }
    }

    // MARK: Refreshed

    @Test func `S24 each is refreshed with its own refresh token, and leaves the other as it is`()
        async throws
    {
        let (bench, rotation, id) = try await connected()
        #expect(try await token(bench, id, .second, isForced: true) == "user-2")
        #expect(try await token(bench, id, .first) == "bot-1")
        var found = try await bench.read(id)
        #expect(found.credentials.refreshToken == "bot-refresh-1")
        #expect(found.connection.lastRefreshedAt == nil)
        #expect(found.connection.scopesGranted == ["read", "write"])
        #expect(found.credentials.second?.scope == "search", "what the response leaves out stays")
        #expect(try await token(bench, id, .first, isForced: true) == "bot-2")
        #expect(try await token(bench, id, .second) == "user-2")
        #expect(try await token(bench, id, .second, isForced: true) == "user-3")
        found = try await bench.read(id)
        #expect(found.credentials.refreshToken == "bot-refresh-2")
        #expect(found.credentials.second?.refreshToken == "user-refresh-3")
        #expect(rotation.tokens == ["user-refresh-1", "bot-refresh-1", "user-refresh-2"])
    }

    @Test func `a response to its refresh may have it in its own place`() async throws {
        let (bench, _, id) = try await connected(nested: true)
        #expect(try await token(bench, id, .second, isForced: true) == "user-2")
        #expect(try await token(bench, id, .first) == "bot-1")
        #expect(try await bench.read(id).credentials.second?.refreshToken == "user-refresh-2")
    }

    @Test func `each is due by its own end`() async throws {
        let (bench, rotation, id) = try await connected()
        bench.advance(by: .seconds(3_600))
        #expect(try await token(bench, id, .second) == "user-1")
        #expect(try await token(bench, id, .first) == "bot-2")
        bench.advance(by: .seconds(3_539))
        #expect(try await token(bench, id, .second) == "user-1")
        bench.advance(by: .seconds(1))
        #expect(try await token(bench, id, .second) == "user-2")
        #expect(rotation.tokens == ["bot-refresh-1", "user-refresh-1"])
    }

    @Test func `without a refresh token it lives to its end, and the connection lives on`() async throws {
        let bench = try await FlowBench(Self.entry())
        let id = try await bench.connect(Self.both(#"{"access_token":"user-1","expires_in":60}"#))
        #expect(try await token(bench, id, .second) == "user-1")
        await #expect(throws: AccessTokenError.reconnectRequired) {
            try await token(bench, id, .second, isForced: true)
        }
        bench.advance(by: .seconds(60))
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(bench, id, .second) }
        #expect(try await token(bench, id, .first) == "bot-1")
        #expect(try await bench.read(id).connection.status == .active)
    }

    @Test func `one that ends by itself is announced once, and no provider is asked`() async throws {
        let bench = try await FlowBench(Self.entry())
        let id = try await bench.connect(Self.both(#"{"access_token":"user-1","expires_in":60}"#))
        await ConnectionSweep(bench.accessTokens()).pass()
        #expect(try await bench.read(id).credentials.second?.hasEnded == false)
        bench.advance(by: .seconds(60))
        for _ in 0..<2 {
            await ConnectionSweep(bench.accessTokens()).pass()
            bench.advance(by: .seconds(400))
        }
        let found = try await bench.read(id)
        #expect(found.credentials.second?.hasEnded == true && found.connection.status == .active)
        #expect(found.connection.sweepAt != nil, "the first grant is looked at as before")
        let events = try #require(try await bench.store.events(of: id, workspaceID: Self.workspaceID))
        #expect(events.map(\.type) == ["refresh_failed", "created"])
        #expect(events.first?.detail == "second grant: access_token_over")
        #expect(bench.endpoint.tokenCalls.count == 1)
    }

    @Test func `a refresh of the first that brings both replaces both`() async throws {
        let (bench, _, id) = try await connected()
        bench.endpoint.answer(
            .json(
                Grant.json(
                    token: "bot-2", refresh: "bot-refresh-2",
                    more: #","user":{"access_token":"user-2","expires_in":60}"#)))
        #expect(try await token(bench, id, .first, isForced: true) == "bot-2")
        let second = try await bench.read(id).credentials.second
        #expect(second?.accessToken == "user-2" && second?.refreshToken == "user-refresh-1")
    }

    @Test func `S24 two who want one each send one refresh for each`() async throws {
        let (bench, rotation, id) = try await connected()
        bench.advance(by: .seconds(7_200))
        let replica = bench.accessTokens(over: try bench.replica())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<12 {
                let tokens = caller % 3 == 0 ? replica : bench.accessTokens()
                group.addTask {
                    let part: GrantPart = caller.isMultiple(of: 2) ? .first : .second
                    let open = try await tokens.current(id, workspaceID: Self.workspaceID, part: part)
                    let token =
                        part == .first ? open.credentials.accessToken : open.credentials.second?.accessToken
                    #expect(token == (part == .first ? "bot-2" : "user-2"))
                }
            }
            try await group.waitForAll()
        }
        #expect(rotation.tokens.sorted() == ["bot-refresh-1", "user-refresh-1"])
    }

    @Test func `the sweep refreshes both`() async throws {
        let (bench, rotation, id) = try await connected()
        let tokens = bench.accessTokens(reads: TokenReads())
        tokens.noteRead(try await tokens.current(id, workspaceID: Self.workspaceID))
        await tokens.flushReads()
        for _ in 0..<12 {
            bench.advance(by: .seconds(600))
            await ConnectionSweep(tokens).pass()
        }
        #expect(rotation.tokens.count { $0.hasPrefix("bot") } == 2)
        #expect(rotation.tokens.count { $0.hasPrefix("user") } == 1)
        #expect(try await bench.read(id).credentials.second?.accessToken == "user-2")
    }

    // MARK: Refused

    @Test func `one that ends is announced, asked for no more, and leaves the connection active`()
        async throws
    {
        let (bench, _, id) = try await connected()
        bench.endpoint.answer(Grant.error("invalid_grant"))
        await #expect(throws: AccessTokenError.reconnectRequired) {
            try await token(bench, id, .second, isForced: true)
        }
        let found = try await bench.read(id)
        #expect(found.connection.status == .active)
        #expect(found.credentials.second?.hasEnded == true)
        let events = try #require(try await bench.store.events(of: id, workspaceID: Self.workspaceID))
        #expect(events.first?.type == "refresh_failed")
        #expect(events.first?.detail?.hasPrefix("second grant") == true)
        #expect(try await token(bench, id, .second) == "user-1", "it lives on for a while")
        let calls = bench.endpoint.tokenCalls.count
        bench.advance(by: .seconds(7_200))
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(bench, id, .second) }
        await ConnectionSweep(bench.accessTokens()).pass()
        #expect(bench.endpoint.tokenCalls.count { $0.fields["refresh_token"] == "user-refresh-1" } == 1)
        #expect(bench.endpoint.tokenCalls.count >= calls)
        await #expect(throws: AccessTokenError.reconnectRequired) {
            try await token(bench, id, .second, isForced: true)
        }
        #expect(
            bench.endpoint.tokenCalls.count { $0.fields["refresh_token"] == "user-refresh-1" } == 2,
            "who insists finds out")
    }

    @Test(
        arguments: [
            Grant.error("invalid_client"), Grant.error("invalid_scope"), .json("{}", status: 500),
            .later("7"),
        ] as [TokenEndpoint.Answer])
    func `a refusal of the request says nothing of either grant`(_ answer: TokenEndpoint.Answer) async throws
    {
        let (bench, _, id) = try await connected()
        bench.endpoint.answer(answer)
        await #expect(throws: AccessTokenError.self) { try await token(bench, id, .second, isForced: true) }
        let found = try await bench.read(id)
        #expect(found.connection.status == .active && found.credentials.second?.hasEnded == false)
        #expect(try await token(bench, id, .first) == "bot-1")
        #expect(try await token(bench, id, .second) == "user-1")
    }

    @Test func `a store that is away for a moment loses no rotated token`() async throws {
        let (bench, rotation, id) = try await connected()
        bench.faults.fail(.finishRefresh, times: 2)
        #expect(try await token(bench, id, .second, isForced: true) == "user-2")
        #expect(rotation.tokens == ["user-refresh-1"])
    }

    // MARK: Ended

    @Test func `S21 deleting the connection revokes both`() async throws {
        let (bench, _, id) = try await connected()
        let done = try await bench.disconnect().end(id, workspaceID: Self.workspaceID)
        #expect(done?.revocation == .revoked)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["user-refresh-1", "bot-refresh-1"])
    }

    @Test func `S21 where one ends with the other, one request ends both`() async throws {
        let (bench, _, id) = try await connected(", revocation: first")
        _ = try await bench.disconnect().end(id, workspaceID: Self.workspaceID)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["bot-refresh-1"])
    }

    @Test func `S21 a refresh of it that comes too late is given back, and nothing else`() async throws {
        let (bench, _, id) = try await connected("", "revocation: {ends: token}")
        bench.endpoint.answer(
            .after(
                { try await bench.replaceCredentials(of: id, with: "access-9") },
                .json(Grant.json(token: "user-2", refresh: "user-refresh-2"))))
        await #expect(throws: AccessTokenError.grantNotFound) {
            try await token(bench, id, .second, isForced: true)
        }
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["user-refresh-2"])
        #expect(try await token(bench, id, .first) == "access-9")
    }

    @Test func `S21 a late refresh of the first gives back no second grant that is kept`() async throws {
        let (bench, _, id) = try await connected("", "revocation: {ends: token}")
        bench.endpoint.answer(
            .after(
                { try await bench.replaceCredentials(of: id, with: "access-9") },
                .json(Grant.json(token: "bot-2", refresh: "bot-refresh-2"))))
        #expect(try await token(bench, id, .first, isForced: true) == "access-9")
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["bot-refresh-2"])
    }
}
