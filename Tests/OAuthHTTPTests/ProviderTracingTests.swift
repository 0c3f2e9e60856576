import Encodings
import Integrations
import OAuth
import Testing
import Tracing

@testable import OAuthHTTP
@testable import OpenTelemetry

/// The spans of requests to providers, and what goes with the requests.
@Suite("ProviderTracing", .timeLimit(.minutes(1))) struct ProviderTracingTests {
    private let queue = SpanQueue(counts: SpanCounts(exported: { _ in }, dropped: { _, _ in }))

    private static let request = ProviderRequest(
        method: .post, url: "", headers: [(name: "Content-Type", value: "text/plain")],
        body: Array("code=C".utf8))

    /// Sends a request below a span of the trace 7: the request as it arrived, and its span.
    private func send(
        _ path: String, as call: ProviderCall, isSampled: Bool = true
    ) async throws -> (request: String, span: FinishedSpan?) {
        let server = try await TestServer()
        let recorder = TraceRecorder(TraceSampler(share: 1), queue: queue)
        // In a hurry only where the provider hangs.
        let client = ProviderHTTPClient(
            ProviderHTTPConfiguration(
                timeout: path == "/hang" ? .milliseconds(500) : .seconds(20), allowsInsecureLoopback: true),
            tracer: recorder)
        let above = recorder.startSpan(
            "above", from: TraceContext(traceID: 7, spanID: 8, isSampled: isSampled, state: "a=1"),
            ofKind: .server)
        let request = ProviderRequest(
            method: .post, url: server.url(path), headers: Self.request.headers, body: Self.request.body)
        await ServiceContext.withValue(above.context) {
            do throws(ProviderRequestError) {
                _ = try await client.send(request, as: call)
            } catch {
                // What the span says of it is looked at below.
                return
            }
        }
        await client.shutdown()
        try await server.close()
        return (server.requests.first ?? "", queue.take(upTo: 1).first)
    }

    @Test func `a request carries the trace of what caused it, with its own span as the parent`() async throws
    {
        let (request, found) = try await send("/ok?secret=canary", as: .exchange)
        let span = try #require(found)
        #expect(span.name == "POST exchange" && span.context.traceID == 7)
        #expect(request.lowercased().contains("\r\ntraceparent: \(span.context.traceparent)\r\n"))
        #expect(request.lowercased().contains("\r\ntracestate: a=1\r\n"))
        #expect(request.hasSuffix("\r\n\r\ncode=C"))
        #expect(span.attributes.get("http.response.status_code") == 200)
        #expect(span.attributes.get("server.address") == "127.0.0.1")
        #expect(span.status == nil)
        let text = String(
            decoding: SpanDocument.encode(
                [span], of: TraceResource(serviceName: "s", serviceVersion: "1", instanceID: "i")),
            as: UTF8.self)
        #expect(!text.contains("canary"), "S23")
    }

    @Test func `what a provider rejects is an error of its span`() async throws {
        let span = try #require(try await send("/bad", as: .revocation).span)
        #expect(span.name == "POST revocation")
        let status = span.attributes.get("http.response.status_code")
        #expect(status != nil && status != 200)
        #expect(span.status?.code == .error && span.attributes.get("error.type") != nil)
    }

    @Test func `a provider that hangs is an error by its name`() async throws {
        let span = try #require(try await send("/hang", as: .webhook).span)
        #expect(span.attributes.get("error.type") == "timed_out")
        #expect(span.status?.code == .error)
        #expect(span.attributes.get("http.response.status_code") == nil)
    }

    @Test func `that a trace is not recorded is handed on, too`() async throws {
        let (request, span) = try await send("/ok", as: .refresh, isSampled: false)
        #expect(span == nil)
        #expect(request.lowercased().contains("\r\ntraceparent: 00-00000000000000000000000000000007-"))
        #expect(request.contains("-00\r\n"))
    }

    @Test func `without a tracer a request carries nothing of a trace`() async throws {
        let server = try await TestServer()
        let client = ProviderHTTPClient(
            ProviderHTTPConfiguration(timeout: .seconds(5), allowsInsecureLoopback: true))
        _ = try await client.send(
            ProviderRequest(method: .get, url: server.url("/ok"), headers: [], body: []), as: .probe)
        await client.shutdown()
        try await server.close()
        #expect(server.requests.count == 1 && !server.requests[0].lowercased().contains("trace"))
    }
}
