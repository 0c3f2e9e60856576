import Encodings
import Synchronization
import Testing
import Tracing

@testable import OpenTelemetry

/// Spans, and what becomes of them.
@Suite("TraceSpan") struct TraceSpanTests {
    private static let remote = TraceContext(traceID: 7, spanID: 8, isSampled: true, state: "a=1")

    private struct Fields: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
            carrier[key] = value
        }

        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    }

    private let queue = SpanQueue(
        capacity: 8, counts: SpanCounts(exported: { _ in }, dropped: { _, _ in }))

    private func recorder(share: Double = 1) -> TraceRecorder {
        TraceRecorder(TraceSampler(share: share), queue: queue)
    }

    private func ended() throws -> FinishedSpan { try #require(queue.take(upTo: 1).first) }

    @Test func `a span without a parent begins a trace`() throws {
        let span = recorder().startSpan("GET /healthz", from: nil, ofKind: .server)
        span.attributes["http.response.status_code"] = 200
        span.end()
        let finished = try ended()
        #expect(finished.parent == nil)
        #expect(finished.name == "GET /healthz")
        #expect(finished.attributes["http.response.status_code"]?.toSpanAttribute() == 200)
        #expect(finished.end >= finished.start)
    }

    @Test func `a span continues the trace that a request came with, its tracestate included`() throws {
        let span = recorder(share: 0).startSpan("a", from: Self.remote, ofKind: .server)
        let child = recorder(share: 0).startSpan("b", context: span.context, ofKind: .client)
        #expect(child.position.traceID == 7)
        #expect(child.position.state == "a=1")
        child.end()
        #expect(try ended().parent == FinishedSpan.Origin(context: span.position, isRemote: false))
        span.end()
        #expect(
            try ended().parent
                == Self.remote.map { FinishedSpan.Origin(context: $0, isRemote: true) })
    }

    @Test func `the decision that a trace is not recorded is kept, whatever the share`() throws {
        let remote = TraceContext(traceID: 7, spanID: 8, isSampled: false)
        let span = recorder(share: 1).startSpan("a", from: remote, ofKind: .server)
        var fields: [String: String] = [:]
        recorder().inject(span.context, into: &fields, using: Fields())
        #expect(fields["traceparent"]?.hasSuffix("-00") ?? false)
        span.end()
        #expect(queue.count == 0)
    }

    @Test func `a trace that is not sampled is not exported`() {
        let span = recorder(share: 0).startSpan("a", from: nil, ofKind: .server)
        span.end()
        #expect(queue.count == 0)
    }

    @Test func `a span that joins a sampled trace is exported there, with a link to where it was`() throws {
        let span = recorder(share: 0).startSpan(
            "a", from: TraceContext(traceID: 1, spanID: 2, isSampled: false), ofKind: .server)
        span.join(traceID: 7, parentSpanID: 8)
        #expect(span.position.traceID == 7)
        span.end()
        let finished = try ended()
        #expect(finished.parent?.context == TraceContext(traceID: 7, spanID: 8, isSampled: true))
        #expect(finished.links.map(\.context.traceID) == [1])
    }

    @Test(arguments: [(0, 8), (7, 0)] as [(UInt128, UInt64)]) func `nothing joins a trace without ids`(
        _ traceID: UInt128, _ spanID: UInt64
    ) {
        let span = recorder().startSpan("a", from: nil, ofKind: .server)
        let before = span.position
        span.join(traceID: traceID, parentSpanID: spanID)
        span.take(spanID: 0)
        #expect(span.position == before)
    }

    @Test func `a span can have an id that another process works out`() throws {
        let span = recorder().startSpan("a", from: Self.remote, ofKind: .server)
        span.take(spanID: 0xabc)
        span.end()
        #expect(try ended().context.spanID == 0xabc)
    }

    @Test func `nothing changes a span after its end, and it ends once`() throws {
        let span = recorder().startSpan("a", from: nil, ofKind: .server)
        span.end()
        span.operationName = "b"
        span.attributes = ["c": 1]
        span.setStatus(SpanStatus(code: .error))
        span.addEvent("d")
        span.join(traceID: 7, parentSpanID: 8)
        span.take(spanID: 9)
        span.end()
        #expect(!span.isRecording)
        #expect(queue.count == 1)
        let finished = try ended()
        #expect(finished.name == "a" && finished.attributes.isEmpty && finished.status == nil)
        #expect(finished.events.isEmpty && finished.context.traceID != 7)
    }

    @Test func `S23 of an error a span has the type, and not what it says`() throws {
        struct Failure: Error, CustomStringConvertible { let description = "canary" }
        let span = recorder().startSpan("a", from: nil, ofKind: .client)
        span.recordError(Failure())
        span.end()
        let document = String(
            decoding: SpanDocument.encode([try ended()], of: Self.resource), as: UTF8.self)
        #expect(document.contains(#"{"stringValue":"Failure"}"#))
        #expect(!document.contains("canary"))
    }

    @Test func `a clock that was set back makes no span end before it began`() throws {
        let span = recorder().startSpan("a", from: nil, ofKind: .server)
        span.end(at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 1))
        let finished = try ended()
        #expect(finished.end == finished.start)
    }

    @Test func `what a request carries is extracted and injected again`() throws {
        let fields = [
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "a=1",
        ]
        var context = ServiceContext.topLevel
        recorder().extract(fields, into: &context, using: Fields())
        var handedOn: [String: String] = [:]
        recorder().inject(context, into: &handedOn, using: Fields())
        #expect(handedOn == fields)
        var nothing: [String: String] = [:]
        recorder().inject(.topLevel, into: &nothing, using: Fields())
        #expect(nothing.isEmpty)
    }

    private static let resource = TraceResource(
        serviceName: "symbolon", serviceVersion: "1", instanceID: "i")

    @Test func `a document has ids in hexadecimal, 64 bits as strings and enumerations as numbers`() throws {
        let span = recorder().startSpan("GET \"x\"", from: Self.remote, ofKind: .client)
        span.attributes = [
            "b": 9_007_199_254_740_993, "a": "é", "c": true, "d": 0.5, "e": .stringArray(["x"]),
        ]
        span.setStatus(SpanStatus(code: .error, message: "no"))
        span.take(spanID: 0xab)
        span.end()
        let octets = SpanDocument.encode([try ended()], of: Self.resource)
        let text = String(decoding: octets, as: UTF8.self)
        let written = try JSONValue.parse(octets)
        if case .object = written {} else { Issue.record("the document is no object") }
        for part in [
            #""traceId":"00000000000000000000000000000007""#, #""spanId":"00000000000000ab""#,
            #""parentSpanId":"0000000000000008""#, #""flags":769"#, #""kind":3"#,
            #""traceState":"a=1""#, #""name":"GET \"x\"""#,
            #""attributes":[{"key":"a","value":{"stringValue":"é"}},{"key":"b","value":{"intValue":"9007199254740993"}},"#
                + #"{"key":"c","value":{"boolValue":true}},{"key":"d","value":{"doubleValue":0.5}},"#
                + #"{"key":"e","value":{"arrayValue":{"values":[{"stringValue":"x"}]}}}]"#,
            #""status":{"code":2,"message":"no"}"#,
            #"{"key":"service.name","value":{"stringValue":"symbolon"}}"#,
        ] { #expect(text.contains(part), "\(part)") }
    }

    @Test func `a document without spans only asks whether it is taken`() {
        #expect(SpanDocument.encode([], of: Self.resource) == Array(#"{"resourceSpans":[]}"#.utf8))
    }

    @Test func `a long text is cut`() throws {
        let span = recorder().startSpan("a", from: nil, ofKind: .server)
        span.attributes["a"] = String(repeating: "é", count: 10_000)
        span.end()
        let text = String(decoding: SpanDocument.encode([try ended()], of: Self.resource), as: UTF8.self)
        #expect(text.contains(String(repeating: "é", count: 256)))
        #expect(!text.contains(String(repeating: "é", count: 257)))
    }
}
