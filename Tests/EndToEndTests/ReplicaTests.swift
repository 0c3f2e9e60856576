#if PostgreSQL
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Several replicas behave as one.
@Suite("Replicas over PostgreSQL", .timeLimit(.minutes(5))) struct ReplicaTests {
    @Test func `S08 200 deliveries of each of 10 callbacks over 3 replicas send each code once`()
        async throws
    {
        let stage = try await ReplicaStage.start()
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: {
                var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
                configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 200
                return configuration
            }())
        let browser = Browser()
        var connectionIDs: Set<String> = []
        for flow in 1...10 {
            let callback = try await stage.authorize(browser)
            let outcomes = try await withThrowingTaskGroup(of: String?.self) { group in
                for delivery in 0..<200 {
                    let url = stage.replicas[delivery % 3].baseURL + callback
                    group.addTask {
                        let answer = try await client.execute(
                            HTTPClientRequest(url: url), timeout: .seconds(60))
                        _ = try await answer.body.collect(upTo: 1 << 20)
                        return answer.headers.first(name: "location")
                    }
                }
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(outcomes.count == 1, "all deliveries are told the same")
            let told = FormEncoding.query(of: try #require(outcomes.first ?? nil))
            #expect(told["status"] == "success")
            connectionIDs.insert(try #require(told["connection_id"]))
            #expect(try await stage.tokenRequestCount() == flow)
        }
        #expect(connectionIDs.count == 10)
        #expect(Set(try await stage.connections().map(\.id)) == connectionIDs)
        try await client.shutdown()
        await stage.stop()
    }

    @Test func `S24 20 refreshes of one connection at once, over 3 replicas, send one request`()
        async throws
    {
        // In the last quarter of its lifetime every reader wants it refreshed; and canaille takes a grant away whose
        // old refresh token comes twice.
        let stage = try await ReplicaStage.start(tokenLifetime: 12)
        let id = try await stage.connect()
        try await eventually("the last quarter has begun", within: .seconds(15), every: .milliseconds(100)) {
            try await stage.query(
                "SELECT expires_at_s - extract(epoch FROM clock_timestamp()) < 3 FROM connections") == "t"
        }
        let before = try await stage.tokenRequestCount()
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for caller in 0..<20 {
                group.addTask {
                    let answer = try await stage.send(
                        .GET, "/api/v1/connections/\(id)/token", to: caller % 3)
                    try #require(answer.status == 200, "\(answer.body)")
                    return try answer.decoded(as: ConnectStage.Token.self).access_token
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(tokens.count == 20 && Set(tokens).count == 1)
        #expect(try await stage.tokenRequestCount() == before + 1)
        let found = try await stage.connections().first
        #expect(found?.status == "active")
        // The refresh token that was stored is the one that works.
        let next = try await stage.send(.POST, "/api/v1/oauth/refresh/\(id)", to: 2)
        #expect(next.status == 200, "\(next.body)")
        await stage.stop()
    }

    @Test func `S42 a session is good at every replica, and over at each of them with its key`() async throws
    {
        let stage = try await ReplicaStage.start()
        struct Session: Decodable { let token: String }
        let session = try await stage.send(
            .POST, "/api/v1/connect/sessions", json: #"{"user_id": "ada"}"#, to: 0
        ).decoded(as: Session.self)
        func send(_ method: HTTPMethod, _ path: String, json: String? = nil, to replica: Int) async throws
            -> Answer
        {
            try await stage.replicas[replica].send(method, path, json: json, key: session.token)
        }
        #expect(try await send(.GET, "/api/v1/integrations", to: 1).status == 200)
        // Waits until this replica has discovered the issuer.
        _ = try await stage.initiate(at: 2)
        let flow = try await send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "canaille"}"#, to: 2
        ).decoded(as: ConnectStage.Initiated.self)
        let callback = try await stage.canaille.logInAndConsent(Browser(), flow.auth_url)
        let page = try await Browser().open(callback)
        let ticket = try #require(page.forms.first?.fields.first { $0.name == "ticket" }?.value)
        let told = try await stage.replicas[1].confirm(
            "ticket=\(ticket)&answer=yes",
            ["origin": stage.replicas[0].baseURL, "sec-fetch-site": "same-origin"])
        #expect(told.status == 200, "\(told.body)")
        let made = try await send(.GET, "/api/v1/connections", to: 2).decoded(as: ConnectStage.Page.self).data
        #expect(made.map(\.status) == ["active"])

        try await stage.revokeKey()
        for replica in 0..<3 {
            try await eventually(
                "replica \(replica) ends it", within: .seconds(15), every: .milliseconds(100)
            ) {
                let answer = try await send(.GET, "/api/v1/integrations", to: replica)
                return answer.status == 401 && answer.body.contains("session_ended")
            }
        }
        await stage.stop()
    }

    @Test func `S30 while PostgreSQL is away initiates go on and no code is burnt`() async throws {
        let stage = try await ReplicaStage.start(count: 2)
        let callback = try await stage.authorize()
        await stage.postgreSQL.stop()
        for replica in [0, 1] {
            for _ in 0..<20 { _ = try await stage.initiate(at: replica) }
            let refused = try await stage.send(.GET, callback, to: replica)
            #expect(refused.status == 503)
            #expect(refused.headers.first(name: "retry-after") != nil)
            let ready = try await stage.replicas[replica].ready()
            #expect(ready.degraded == ["store"])
            let listed = try await stage.send(.GET, "/api/v1/connections", to: replica)
            #expect(listed.status == 503 && listed.headers.first(name: "retry-after") != nil)
        }
        #expect(try await stage.tokenRequestCount() == 0)
        try await stage.postgreSQL.start()
        try await stage.replicas[1].ready(within: .seconds(5)) { $0.degraded.isEmpty }
        let answer = try await stage.send(.GET, callback, to: 1)
        #expect(answer.status == 303)
        #expect(answer.headers.first(name: "location")?.contains("status=success") == true)
        #expect(try await stage.tokenRequestCount() == 1)
        await stage.stop()
    }

    @Test func `a replica that is told to end finishes the flow that it has begun`() async throws {
        let stage = try await ReplicaStage.start(count: 2)
        let callback = try await stage.authorize()
        stage.canaille.process.send(SIGSTOP)
        let delivery = Task { try await stage.send(.GET, callback, to: 1) }
        try await eventually("the flow is claimed") {
            try await stage.query("SELECT count(*) FROM claims") == "1"
        }
        stage.replicas[1].process.send(SIGTERM)
        try await eventually("the replica takes no more connections") {
            (try? RawConnection(port: stage.replicas[1].port)) == nil
        }
        stage.canaille.process.send(SIGCONT)
        let answer = try await delivery.value
        #expect(
            answer.headers.first(name: "location")?.contains("status=success") == true, "\(answer.body)")
        #expect(await stage.replicas[1].process.exitStatus() == 0)
        #expect(try await stage.connections().count == 1)
        await stage.stop()
    }
}
#endif
