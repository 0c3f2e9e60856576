import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Traces of the running program, read by `opentelemetry-proto` from PyPI.
@Suite("Tracing", .timeLimit(.minutes(5))) struct TracingTests {
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let traceparent = "00-\(traceID)-00f067aa0ba902b7-01"

    private struct Initiated: Decodable {
        let auth_url: String
        let state: String
    }

    private static func server(_ endpoint: String, _ more: [String: String] = [:]) async throws
        -> SymbolonServer
    {
        try await SymbolonServer.start(
            environment: more.merging(["SYMBOLON_TRACING_OTLP_ENDPOINT": endpoint]) { first, _ in first })
    }

    private static func initiate(
        _ server: SymbolonServer, _ members: String = "", headers: HTTPHeaders = [:]
    ) async throws -> Initiated {
        let answer = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"\#(members)}"#,
            key: server.apiKey(), headers: headers)
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.decoded()
    }

    /// Allows what the sandbox asks: the callback's URL.
    private static func allow(_ authURL: String) async throws -> String {
        let browser = Browser()
        let page = try await browser.open(authURL)
        let form = try #require(page.forms.first)
        let button = try #require(form.buttons.first { $0.value == "allow" })
        return try #require(try await browser.submit(form, on: page, pressing: button).redirectTarget)
    }

    @Test func `S23 initiate, callback and exchange are one trace, and no secret is in a span`()
        async throws
    {
        let collector = try await TraceCollector.start()
        let server = try await Self.server(collector.url, ["SYMBOLON_LOG_LEVEL": "trace"])
        let key = try server.apiKey()
        let initiated = try await Self.initiate(
            server, headers: ["traceparent": Self.traceparent, "tracestate": "a=1"])
        #expect(initiated.state.utf8.count <= 290)
        let callback = try await Self.allow(initiated.auth_url)
        let page = try await Browser().open(callback)
        let id = try #require(page.body.firstMatch(of: /conn_[A-Za-z0-9_-]+/)).output
        let token = try await server.send(.GET, "/api/v1/connections/\(id)/token", key: key)
        #expect(token.status == 200)
        #expect(try await server.send(.POST, "/api/v1/oauth/refresh/\(id)", key: key).status == 200)
        #expect(try await server.send(.GET, "/healthz").status == 200)
        #expect(await server.stop() == 0)

        #expect(try await collector.lines("mistake").isEmpty)
        let spans = try await collector.spans()
        #expect(spans.allSatisfy { $0.service == "symbolon" })
        func span(_ name: String, _ kind: Int) throws -> TraceCollector.Span {
            try #require(
                spans.first { $0.name == name && $0.kind == kind }, "\(name) is not in \(spans.map(\.name))")
        }
        let first = try span("POST /api/v1/oauth/initiate", 2)
        #expect(first.trace == Self.traceID && first.parent == "00f067aa0ba902b7" && first.state == "a=1")
        #expect(first.attributes["http.response.status_code"] == "200" && first.status == 0)
        #expect(first.attributes["http.route"] == "/api/v1/oauth/initiate")
        #expect(first.attributes["symbolon.integration.id"] == "sandbox")
        let audited = try await server.log.split(separator: "\n").filter {
            $0.contains(#""trace_id":"\#(Self.traceID)""#)
        }
        for event in ["initiate", "exchange", "callback"] {
            #expect(
                audited.contains { $0.contains(#""event":"\#(event)""#) }, "the audit log names the trace")
        }
        let second = try span("GET /api/v1/oauth/callback/{integration_id}", 2)
        #expect(second.trace == Self.traceID && second.parent == first.span)
        #expect(second.attributes["symbolon.flow.id"] == first.attributes["symbolon.flow.id"])
        let exchange = try span("POST exchange", 3)
        #expect(exchange.trace == Self.traceID && exchange.parent == second.span)
        #expect(exchange.attributes["server.address"] == "127.0.0.1")
        #expect(exchange.attributes["http.response.status_code"] == "200")
        for name in ["claim flow", "finish flow"] {
            #expect(try span(name, 3).parent == second.span)
        }
        // The sandbox is a provider that continues what it is handed.
        let provider = try #require(spans.first { $0.parent == exchange.span })
        #expect(provider.trace == Self.traceID && provider.kind == 2)
        // Another request without a trace begins one of its own.
        let refresh = try span("POST refresh", 3)
        let route = try #require(spans.first { $0.span == refresh.parent })
        #expect(refresh.trace == route.trace && route.trace != Self.traceID && route.parent.isEmpty)
        #expect(!spans.contains { $0.name.contains("healthz") })
        // What each waits for in the store.
        for name in ["begin refresh", "finish refresh"] {
            #expect(try span(name, 3).parent == route.span)
        }
        let read = try span("GET /api/v1/connections/{id}/token", 2)
        let found = try #require(spans.first { $0.name == "read credentials" && $0.parent == read.span })
        #expect(found.kind == 3 && found.trace == read.trace)
        let work = spans.filter { $0.attributes["db.operation.name"] != nil }
        #expect(work.count >= 5 && work.allSatisfy { $0.attributes["db.operation.name"] == $0.name })
        #expect(work.allSatisfy { $0.attributes["db.system.name"] == "sqlite" })

        // Nor are URLs.
        let sent = try await collector.lines("request").joined()
        let code = try #require(FormEncoding.query(of: callback)["code"])
        let access = try #require(token.body.firstMatch(of: /"access_token":"([^"]+)"/)).output.1
        for secret in [code, initiated.state, key, String(access), String(id)] {
            #expect(!sent.contains(secret), "S23")
        }
        #expect(!sent.contains("state=") && !sent.contains("code="), "S23")
        await collector.process.stop()
    }

    @Test func `a flow that the app's server completes stays in its trace, with a link to the server's own`()
        async throws
    {
        let collector = try await TraceCollector.start()
        let server = try await Self.server(collector.url)
        let secret = BindingSecret()
        let initiated = try await Self.initiate(
            server, #", "redirect_uri": "http://localhost:3000/done"\#(secret.member)"#,
            headers: ["traceparent": Self.traceparent])
        let app = try #require(
            try await Browser().open(try await Self.allow(initiated.auth_url)).redirectTarget)
        let ticket = try #require(FormEncoding.query(of: app)["ticket"])
        let other = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let answer = try await server.send(
            .POST, "/api/v1/oauth/complete",
            json: #"{"ticket": "\#(ticket)", "binding_secret": "\#(secret.text)"}"#, key: server.apiKey(),
            headers: ["traceparent": other])
        #expect(answer.status == 200, "\(answer.body)")
        #expect(await server.stop() == 0)
        let spans = try await collector.spans()
        func span(_ name: String) throws -> TraceCollector.Span {
            try #require(spans.first { $0.name == name })
        }
        let first = try span("POST /api/v1/oauth/initiate")
        for name in ["GET /api/v1/oauth/callback/{integration_id}", "POST /api/v1/oauth/complete"] {
            let span = try span(name)
            #expect(span.trace == Self.traceID && span.parent == first.span, "\(name)")
        }
        let complete = try span("POST /api/v1/oauth/complete")
        #expect(complete.links == ["0af7651916cd43dd8448eb211c80319c"])
        for name in ["POST exchange", "claim flow", "finish flow"] {
            #expect(try span(name).parent == complete.span, "\(name)")
        }
        let sent = try await collector.lines("request").joined()
        for secret in [ticket, secret.text, secret.binding] { #expect(!sent.contains(secret), "S23") }
        await collector.process.stop()
    }

    private struct Delivery: Decodable {
        let traceparent: String?
    }

    @Test func `an app is told of a flow in the flow's trace`() async throws {
        let collector = try await TraceCollector.start()
        let folder = try TemporaryFolder()
        let receiver = try ServerProcess(
            "/usr/bin/env", ["python3", ServerScript.path("webhook-receiver.py")],
            workingDirectory: folder.url, logFile: folder.url.appending(path: "log"))
        let url = try await receiver.waitForLine(within: .seconds(300)) { $0.hasPrefix("ready ") }.dropFirst(
            6)
        let site = try await ProductionSite.make(
            workspace: ", webhooks: [{url: '\(url)/ok', secret_file: webhook-secret}]")
        try site.folder.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", to: "webhook-secret")
        let server = try await SymbolonServer.start(
            ["--config", "symbolon.yaml"], environment: ["SYMBOLON_TRACING_OTLP_ENDPOINT": collector.url],
            in: site.folder, port: site.port)
        _ = try await site.told(site.authorize(server))
        // On a slow machine the first try may run out of time, and the next ones come later and later.
        let line = try await receiver.waitForLine(within: .seconds(120)) {
            $0.contains("connection.created")
        }
        try await site.stop(server)

        let spans = try await collector.spans()
        func span(_ name: String) throws -> TraceCollector.Span {
            try #require(spans.first { $0.name == name }, "\(name)")
        }
        let begun = try span("POST /api/v1/oauth/initiate")
        let callback = try span("GET /api/v1/oauth/callback/{integration_id}")
        let webhook = try span("POST webhook")
        #expect(webhook.trace == begun.trace && webhook.parent == callback.span && webhook.kind == 3)
        let delivery = try JSONDecoder().decode(Delivery.self, from: Data(line.utf8))
        #expect(delivery.traceparent == "00-\(begun.trace)-\(webhook.span)-01")
        await receiver.stop()
        await collector.process.stop()
    }

    @Test func `log lines of requests name their trace and span, whoever answers them`() async throws {
        let collector = try await TraceCollector.start()
        let server = try await Self.server(
            collector.url, ["SYMBOLON_LOG_FORMAT": "json", "SYMBOLON_LOG_LEVEL": "debug"])
        let key = try server.apiKey()
        let headers: HTTPHeaders = ["traceparent": Self.traceparent]
        let initiated = try await Self.initiate(server, headers: headers)
        let page = try await Browser().open(try await Self.allow(initiated.auth_url))
        let id = try #require(page.body.firstMatch(of: /conn_[A-Za-z0-9_-]+/)).output
        let callback = "/api/v1/oauth/callback/sandbox?state="
        // Nothing is exchanged for these two.
        _ = try await server.send(.GET, "\(callback)junk&code=junk", headers: headers)
        let refused = try await Self.initiate(server, headers: headers)
        _ = try await server.send(
            .GET, "\(callback)\(refused.state)&error=access_denied&iss=\(server.baseURL)/sandbox")
        _ = try await server.send(.GET, "/api/v1/connections/\(id)/token", key: key, headers: headers)
        _ = try await server.send(.GET, "/api/v1/connections/\(id)", key: key, headers: headers)
        #expect(await server.stop() == 0)
        let spans = try await collector.spans().filter { $0.trace == Self.traceID && $0.kind == 2 }
        let lines = try await server.log.split(separator: "\n").compactMap { line in
            try? JSONDecoder().decode(RequestLine.self, from: Data(line.utf8))
        }.filter { $0.message == "request" && $0.trace_id == Self.traceID }
        // Those of the sandbox are no lines of a route of ours.
        for (route, count) in [
            ("/api/v1/oauth/initiate", 2), ("/api/v1/oauth/callback/{integration_id}", 3),
            ("/api/v1/connections/{id}/token", 1), ("/api/v1/connections/{id}", 1),
        ] {
            let ours = lines.filter { $0.route == route }
            #expect(ours.count == count, "\(route)")
            let ids = spans.filter { $0.attributes["http.route"] == route }.map(\.span)
            #expect(Set(ours.map(\.span_id)) == Set(ids) && ids.count == count, "\(route)")
        }
        await collector.process.stop()
    }

    private struct RequestLine: Decodable {
        let message: String
        let route: String
        let trace_id: String
        let span_id: String
    }

    @Test func `a share of 0 records what the caller records, and nothing else`() async throws {
        let collector = try await TraceCollector.start()
        let server = try await Self.server(collector.url, ["SYMBOLON_TRACING_SAMPLE": "0"])
        let plain = try await Self.initiate(server)
        let unsampled = try await Self.initiate(
            server, headers: ["traceparent": "\(Self.traceparent.dropLast(1))0"])
        let broken = try await Self.initiate(server, headers: ["traceparent": Self.traceparent.uppercased()])
        let doubled = try await Self.initiate(
            server,
            headers: HTTPHeaders([("traceparent", Self.traceparent), ("Traceparent", Self.traceparent)]))
        let sampled = try await Self.initiate(server, headers: ["Traceparent": Self.traceparent])
        for other in [unsampled, broken, doubled] {
            #expect(
                other.state.utf8.count == plain.state.utf8.count,
                "no state carries a trace that is not recorded")
        }
        #expect(sampled.state.utf8.count > plain.state.utf8.count)
        _ = try await Browser().open(try await Self.allow(plain.auth_url))
        #expect(await server.stop() == 0)
        let spans = try await collector.spans()
        #expect(spans.map(\.trace) == [Self.traceID])
        await collector.process.stop()
    }

    @Test func `S44 a collector that is away, rejects or hangs costs spans, and no flow and no end`()
        async throws
    {
        let collector = try await TraceCollector.start()
        let away = try await Self.server("http://127.0.0.1:\(try LoopbackPort.free())")
        let rejecting = try await Self.server("\(collector.url)/reject")
        let hanging = try await Self.server("\(collector.url)/hang")
        for server in [away, rejecting, hanging] {
            let callback = try await Self.allow(try await Self.initiate(server).auth_url)
            #expect(try await Browser().open(callback).body.contains("conn_"))
        }
        let line = "\nsymbolon_spans_dropped_total{reason=\"rejected\"} "
        var metrics = ""
        try await eventually("a span is counted as rejected") {
            metrics = try await rejecting.send(.GET, "/metrics", key: rejecting.apiKey()).body
            return metrics.contains(line) && !metrics.contains("\(line)0\n")
        }
        #expect(metrics.contains("\nsymbolon_spans_exported_total 0\n"))
        for server in [away, rejecting, hanging] {
            let start = ContinuousClock.now
            #expect(await server.stop() == 0)
            #expect(start.duration(to: .now) < .seconds(5))
        }
        for server in [away, rejecting] {
            let told = try await server.log.split(separator: "\n").filter {
                $0.contains("the collector does not take spans")
            }
            #expect(told.count == 1, "once for each outage")
        }
        await collector.process.stop()
    }

    @Test func `doctor asks the collector with its headers, and tells no value of them`() async throws {
        let collector = try await TraceCollector.start()
        let folder = try TemporaryFolder()
        try folder.write("X-Key: canary-7\n", to: "headers")
        try folder.write("canary-8\n", to: "broken")
        func run(_ arguments: [String], _ endpoint: String, headers: String = "headers") async throws -> (
            Int32, String
        ) {
            let run = try await Tool.run(
                SymbolonBinary.path(), arguments,
                environment: [
                    "SYMBOLON_TRACING_OTLP_ENDPOINT": endpoint, "SYMBOLON_TRACING_HEADERS_FILE": headers,
                ], in: folder)
            #expect(!run.output.contains("canary"), "S23")
            return (run.status, run.output)
        }
        let good = try await run(["doctor"], collector.url)
        #expect(good.0 == 0 && good.1.contains("\(collector.url)/v1/traces takes spans"))
        #expect(try await collector.lines("request") == [#"canary-7 {"resourceSpans":[]}"#])
        let rejected = try await run(["doctor"], "\(collector.url)/reject")
        #expect(rejected.0 == 4 && rejected.1.contains("takes no spans: status 400"))
        let away = try await run(["doctor"], "http://127.0.0.1:\(try LoopbackPort.free())")
        #expect(away.0 == 4 && away.1.contains("no connection could be made"))
        let offline = try await run(["doctor", "--offline"], collector.url)
        #expect(offline.0 == 0)
        #expect(try await collector.lines("request").count == 2)

        let checked = try await run(["config", "check"], collector.url)
        #expect(
            checked.0 == 0 && checked.1.contains("tracing.otlp_endpoint")
                && checked.1.contains("tracing.sample"))
        let broken = try await run(["config", "check"], collector.url, headers: "broken")
        #expect(broken.0 == 3 && broken.1.contains("line 1 of the file"))
        let exposed = try await run(["config", "check"], "http://collector.example.com:4318")
        #expect(exposed.0 == 3 && exposed.1.contains("must be https"), "a key goes over no open network")
        await collector.process.stop()
    }
}
