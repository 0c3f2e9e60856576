import Testing

@testable import OpenTelemetry

/// Where spans are sent, and what a response means.
@Suite("Collector") struct CollectorTests {
    @Test(arguments: [
        ("http://localhost:4318", "http://localhost:4318/v1/traces"),
        ("http://localhost:4318/", "http://localhost:4318/v1/traces"),
        ("https://otlp.example.com/tenant", "https://otlp.example.com/tenant/v1/traces"),
        ("https://otlp.example.com/v1/traces", "https://otlp.example.com/v1/traces"),
        ("HTTP://[::1]:4318", "HTTP://[::1]:4318/v1/traces"),
    ])
    func `the protocol's path is added to an endpoint once`(_ endpoint: String, _ url: String) throws {
        let address = try #require(CollectorAddress(endpoint))
        #expect(address.url == url)
        #expect(address.isSecure == endpoint.hasPrefix("https"))
        #expect(address.isLoopback == !endpoint.contains("example"))
    }

    @Test(arguments: [
        "", "localhost:4318", "grpc://localhost:4317", "http:", "http://", "http:///v1/traces", "http:/a/b",
        "http://:4318", "http://localhost:", "http://localhost:x", "http://localhost:65536",
        "http://user:password@localhost", "http://localhost?key=1", "http://localhost#a", "http://local host",
        "http://[::1", "http://[::1]4318", "http://exämple",
    ])
    func `what is no absolute URL of a host alone is no endpoint`(_ text: String) {
        #expect(CollectorAddress(text) == nil)
    }

    @Test func `a file of headers has a line for each`() throws {
        let headers = try CollectorHeader.list(
            "# of the tenant\nX-Scope-OrgID: 7 \r\n\nAuthorization:Bearer  a:b\n")
        #expect(headers.map(\.name) == ["X-Scope-OrgID", "Authorization"])
        #expect(headers.map(\.value) == ["7", "Bearer  a:b"])
    }

    @Test(arguments: [
        "canary", "canary:", ": canary", "a b: canary", "Host: canary", "content-length: 5",
        "Transfer-Encoding: chunked", "Content-Type: text/plain", "X-Key: cänary", "X-Key: can\u{1}ary",
        "Xé: canary",
    ])
    func `S23 a line that is no header is rejected by its number alone`(_ line: String) {
        #expect(throws: CollectorHeaderError.malformed(line: 2)) { try CollectorHeader.list("A: 1\n\(line)") }
    }

    @Test(arguments: ["", "\n\n", "# nothing\n"]) func `a file without headers is no file of headers`(
        _ text: String
    ) {
        #expect(throws: CollectorHeaderError.empty) { try CollectorHeader.list(text) }
    }

    @Test func `S23 a header does not print`() throws {
        let headers = try CollectorHeader.list("Authorization: canary")
        var dumped = ""
        dump(headers, to: &dumped)
        #expect(!"\(headers)\(String(reflecting: headers))\(dumped)".contains("canary"))
    }

    @Test(arguments: [200, 202, 204]) func `a 2xx takes all spans`(_ status: Int) {
        #expect(
            SpanDelivery(status: status, body: Array("{}".utf8), retryAfter: nil)
                == .accepted(rejectedCount: 0))
    }

    @Test(arguments: [
        (#"{"partialSuccess": {"rejectedSpans": "3", "errorMessage": "no"}}"#, 3),
        (#"{"partialSuccess": {"rejectedSpans": 3}}"#, 3), (#"{"partialSuccess": {}}"#, 0),
        (#"{"partialSuccess": {"rejectedSpans": "-1"}}"#, 0), ("", 0), ("[", 0), ("[]", 0), ("\u{0}", 0),
        (#"{"partialSuccess": {"rejectedSpans": "99999999999999999999"}}"#, 0),
    ])
    func `a partial success says how many were rejected`(_ body: String, _ count: Int) {
        #expect(
            SpanDelivery(status: 200, body: Array(body.utf8), retryAfter: nil)
                == .accepted(rejectedCount: count))
    }

    @Test(arguments: [429, 502, 503, 504]) func `these may be sent again, when the collector says`(
        _ status: Int
    ) {
        #expect(
            SpanDelivery(status: status, body: [], retryAfter: "7")
                == .unavailable(reason: "status \(status)", wait: .seconds(7)))
        #expect(
            SpanDelivery(status: status, body: [], retryAfter: "3600")
                == .unavailable(reason: "status \(status)", wait: .seconds(60)))
        for text in ["soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999"] {
            #expect(
                SpanDelivery(status: status, body: [], retryAfter: text)
                    == .unavailable(reason: "status \(status)", wait: nil))
        }
    }

    @Test(arguments: [301, 400, 401, 404, 413, 500, 501]) func `other responses reject for good`(
        _ status: Int
    ) {
        #expect(
            SpanDelivery(status: status, body: [], retryAfter: "1") == .rejected(reason: "status \(status)"))
    }
}
