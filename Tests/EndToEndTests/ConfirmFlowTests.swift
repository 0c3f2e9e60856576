import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Confirm mode through an authorization server that we did not write.
@Suite("Confirm mode through canaille", .timeLimit(.minutes(5))) struct ConfirmFlowTests {
    @Test func `the callback stores nothing, and complete makes a confirmed connection`() async throws {
        let stage = try await ConnectStage.start()
        let secret = BindingSecret()
        let told = try await stage.handOver(secret, #", "app_state": "tab=2&x=ü""#)
        #expect(Set(told.keys) == ["status", "ticket", "integration_id", "flow_id", "app_state"])
        #expect(told["app_state"] == "tab=2&x=ü" && told["integration_id"] == stage.integrationID)
        #expect(try await stage.connections().isEmpty)
        let ticket = try #require(told["ticket"])
        let answer = try await stage.complete(ticket, secret)
        #expect(answer.status == 200, "\(answer.body)")
        #expect(answer.headers.first(name: "cache-control") == "no-store")
        let connection = try answer.decoded(as: ConnectStage.Completed.self).connection
        #expect(connection.binding == "confirmed" && connection.status == "active")
        #expect(connection.flow_id == told["flow_id"] && connection.integration == stage.integrationID)
        #expect(try await stage.connections().map(\.id) == [connection.id])
        #expect(try await stage.token(of: connection.id).access_token.isEmpty == false)
        let read = try await stage.send(.GET, "/api/v1/connections/\(connection.id)")
        #expect(read.body.contains(#""binding":"confirmed""#))
        // The same ticket again has the same outcome, and nothing is exchanged again.
        for _ in 0..<3 {
            let again = try await stage.complete(ticket, secret)
            #expect(again.status == 200)
            #expect(try again.decoded(as: ConnectStage.Completed.self).connection.id == connection.id)
        }
        #expect(try await stage.connections().count == 1)
        try await stage.stop()
    }

    @Test func `S08 twenty simultaneous completions make one connection`() async throws {
        let stage = try await ConnectStage.start()
        let secret = BindingSecret()
        let ticket = try #require(try await stage.handOver(secret)["ticket"])
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await stage.complete(ticket, secret).decoded(as: ConnectStage.Completed.self)
                        .connection.id
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await stage.connections().map(\.id) == Array(ids))
        try await stage.stop()
    }

    @Test func `S11 the A/B swap ends nowhere, through every entry`() async throws {
        let stage = try await ConnectStage.start()
        let (a, b) = (BindingSecret(), BindingSecret())
        // The attacker A began a flow and lured B through it; B's browser comes home with A's ticket.
        let initiated = try await stage.initiate(a.member)
        let callback = try await stage.canaille.logInAndConsent(
            Browser(), initiated.auth_url, as: .charles)
        let victim = try #require(try await Browser().open(callback).redirectTarget)
        let ticket = try #require(FormEncoding.query(of: victim)["ticket"])
        // B's session hands it in with B's own secret.
        let swapped = try await stage.complete(ticket, b)
        #expect(swapped.status == 403 && swapped.errorCode == "binding_mismatch")
        // A has the secret, and neither the ticket nor anything that stands for it.
        for text in [initiated.state, try #require(FormEncoding.query(of: victim)["flow_id"]), ""] {
            let answer = try await stage.complete(text, a)
            #expect(answer.status == 400 && answer.errorCode == "invalid_ticket", "\(answer.body)")
        }
        // No credential, no answer.
        for key in [nil, "sym_" + String(repeating: "A", count: 43)] {
            let answer = try await stage.symbolon.complete(ticket, a.text, key: key)
            #expect(answer.status == 401 && answer.errorCode == "invalid_credential")
        }
        // The ticket is no state either.
        let url = stage.symbolon.callbackURL(stage.integrationID) + "?code=x&state=\(ticket)"
        let page = try await Browser().open(url)
        #expect(page.status == 400 && page.redirectTarget == nil)
        #expect(try await stage.connections().isEmpty)
        try await stage.stop()
    }

    @Test func `S11 a swap by form_post or in a renewal changes nothing, and no look-up tells of it`()
        async throws
    {
        let stage = try await ConnectStage.start()
        let (a, b) = (BindingSecret(), BindingSecret())
        let id = try #require(try await stage.connect()["connection_id"])
        let before = try await stage.token(of: id).access_token
        for members in ["", #", "connection_id": "\#(id)""#] {
            let initiated = try await stage.initiate(a.member + members)
            let callback = try await stage.canaille.logInAndConsent(
                Browser(), initiated.auth_url, as: .charles)
            let told = try await stage.post(callback)
            #expect(told["status"] == "confirm" && told["connection_id"] == nil)
            let (ticket, flowID) = (try #require(told["ticket"]), try #require(told["flow_id"]))
            let swapped = try await stage.complete(ticket, b)
            #expect(swapped.status == 403 && swapped.errorCode == "binding_mismatch")
            for text in [flowID, ticket, initiated.state] {
                for suffix in ["", "/token"] {
                    #expect(try await stage.send(.GET, "/api/v1/connections/\(text)\(suffix)").status == 404)
                }
            }
            #expect(try await stage.connections().map(\.id) == [id])
            #expect(try await stage.token(of: id).access_token == before)
        }
        try await stage.stop()
    }

    @Test func `S12 a state, a flow id or a ticket yields nothing without a credential`() async throws {
        let stage = try await ConnectStage.start()
        let secret = BindingSecret()
        let told = try await stage.handOver(secret)
        let ticket = try #require(told["ticket"])
        let id = try await stage.complete(ticket, secret).decoded(as: ConnectStage.Completed.self)
            .connection.id
        for path in [id, told["flow_id"] ?? "", ticket].map({ "/api/v1/connections/\($0)" }) {
            for suffix in ["", "/token", "?include_credentials=true"] {
                #expect(try await stage.symbolon.send(.GET, path + suffix).status == 401)
            }
        }
        #expect(try await stage.symbolon.complete(ticket, secret.text, key: nil).status == 401)
        try await stage.stop()
    }

    @Test func `S32 a stranger's junk code gets a ticket that is worth nothing`() async throws {
        let stage = try await ConnectStage.start()
        let secret = BindingSecret()
        let callback = try await stage.authorize(secret.member)
        let state = try #require(FormEncoding.query(of: callback)["state"])
        let junk = FormEncoding.urlEncoded([
            ("code", "junk"), ("state", state), ("iss", stage.canaille.issuer),
        ])
        let url = stage.symbolon.callbackURL(stage.integrationID) + "?" + junk
        let stranger = FormEncoding.query(of: try #require(try await Browser().open(url).redirectTarget))
        // Should the app's own session hand it in, the provider's refusal frees the flow for the user's code.
        let refused = try await stage.complete(try #require(stranger["ticket"]), secret)
        #expect(refused.status == 502 && refused.errorCode == "provider_error")
        let again = try await stage.complete(try #require(stranger["ticket"]), secret)
        #expect(again.status == 502 && again.errorCode == "provider_error")
        let own = FormEncoding.query(of: try #require(try await Browser().open(callback).redirectTarget))
        let ticket = try #require(own["ticket"])
        #expect(try await stage.complete(ticket, secret).status == 200)
        let late = try await Browser().open(url.replacing("junk", with: "other")).redirectTarget
        let lateRedirect = try #require(late)
        let other = try #require(FormEncoding.query(of: lateRedirect)["ticket"])
        let over = try await stage.complete(other, secret)
        #expect(over.status == 409 && over.errorCode == "flow_finished")
        #expect(!over.body.contains("conn_"))
        try await stage.stop()
    }

    @Test func `who denies needs no ticket, and a second callback makes another for the same flow`()
        async throws
    {
        let stage = try await ConnectStage.start()
        let secret = BindingSecret()
        let denied = try await stage.canaille.deny(
            Browser(), try await stage.initiate(secret.member).auth_url)
        let told = FormEncoding.query(of: try #require(try await Browser().open(denied).redirectTarget))
        #expect(told["status"] == "error" && told["error"] == "access_denied" && told["ticket"] == nil)
        let callback = try await stage.authorize(secret.member)
        var ids: Set<String> = []
        for _ in 0..<2 {
            let target = try #require(try await Browser().open(callback).redirectTarget)
            let ticket = try #require(FormEncoding.query(of: target)["ticket"])
            let answer = try await stage.complete(ticket, secret)
            ids.insert(try answer.decoded(as: ConnectStage.Completed.self).connection.id)
        }
        #expect(ids.count == 1)
        try await stage.stop()
    }

    @Test func `S38 a renewal in confirm mode keeps the connection, and another account changes nothing`()
        async throws
    {
        let stage = try await ConnectStage.start()
        let id = try #require(try await stage.connect()["connection_id"])
        let secret = BindingSecret()
        let told = try await stage.handOver(secret, #", "connection_id": "\#(id)""#)
        let answer = try await stage.complete(try #require(told["ticket"]), secret)
        let connection = try answer.decoded(as: ConnectStage.Completed.self).connection
        #expect(connection.id == id && connection.binding == "confirmed")
        let initiated = try await stage.initiate(secret.member + #", "connection_id": "\#(id)""#)
        let callback = try await stage.canaille.logInAndConsent(
            Browser(), initiated.auth_url, as: .charles)
        let target = try #require(try await Browser().open(callback).redirectTarget)
        let other = try await stage.complete(
            try #require(FormEncoding.query(of: target)["ticket"]), secret)
        #expect(other.status == 409 && other.errorCode == "account_mismatch")
        try await stage.stop()
    }

    @Test func `S23 no secret of a confirmed flow is in the log`() async throws {
        let stage = try await ConnectStage.start(environment: ["SYMBOLON_LOG_LEVEL": "trace"])
        let secret = BindingSecret()
        let callback = try await stage.authorize(secret.member)
        let target = try #require(try await Browser().open(callback).redirectTarget)
        let ticket = try #require(FormEncoding.query(of: target)["ticket"])
        #expect(try await stage.complete(ticket, BindingSecret()).status == 403)
        #expect(try await stage.complete(ticket, secret).status == 200)
        let code = try #require(FormEncoding.query(of: callback)["code"])
        for canary in [ticket, secret.text, secret.binding, code] {
            #expect(try await !stage.symbolon.log.contains(canary))
        }
        #expect(try await stage.symbolon.log.contains("binding_mismatch"))
        try await stage.stop()
    }
}
