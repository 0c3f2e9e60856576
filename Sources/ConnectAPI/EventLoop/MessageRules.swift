internal import HTTPTypes
internal import NIOHTTP1

/// What HTTP/1 itself asks of a request, whatever it is about (RFC 9110, RFC 9112).
struct MessageRules {
    /// The largest body that any route takes: a client that waits before it sends more gets its answer without.
    private static let largestBody = 32 * 1024

    /// Why the request is not acted on; the connection ends with it.
    let fault: APIError?
    /// The connection ends with the response.
    let isLast: Bool
    /// A client of HTTP/1.0 is told that the connection stays (RFC 9112 §9.3, appendix C.2.2).
    let saysKeepAlive: Bool
    /// The client waits for `100 Continue` before it sends its body.
    let awaitsContinue: Bool
    /// No `Expect`, and no `Connection` option but keep-alive, from a client of HTTP/1.1.
    let isPlain: Bool
    let isHead: Bool

    init(_ head: HTTPRequestHead, _ header: CallerHeader) {
        let isModern = head.version.major == 1 && head.version.minor >= 1
        let staysOpen = header.connection.contains("keep-alive")
        let closes = header.connection.contains("close")
        // A client of HTTP/1.0 knows nothing of it (RFC 9110 §10.1.1).
        let expectation = isModern ? header.expectation : nil
        let waits = expectation.map { $0.isField("100-continue") } ?? false
        fault = Self.fault(
            head, header, isModern: isModern, isUnknownExpectation: expectation != nil && !waits)
        let isTooLarge = header.contentLength.map { (Int($0) ?? .max) > Self.largestBody } ?? false
        awaitsContinue = waits && header.hasContent && !isTooLarge
        // Without its `100 Continue` a client may send the body all the same, or not.
        isLast = closes || (!isModern && !staysOpen) || (waits && isTooLarge)
        saysKeepAlive = !isModern && staysOpen && !closes
        isPlain =
            isModern && head.version == .http1_1 && header.expectation == nil
            && header.connection.allSatisfy { $0 == "keep-alive" }
        isHead = head.method == .HEAD
    }

    private static func fault(
        _ head: HTTPRequestHead, _ header: CallerHeader, isModern: Bool, isUnknownExpectation: Bool
    ) -> APIError? {
        // RFC 9112 §3.2
        guard header.hostCount <= 1, header.hostCount == 1 || !isModern else {
            return .invalidHost("Send one Host field.")
        }
        if let host = header.host, !HostField.isValid(host) {
            return .invalidHost("The Host field names no host.")
        }
        if let target = AbsoluteForm(head.uri), !HostField.isValid(target.authority) {
            return .invalidHost("The request's target names no host.")
        }
        // RFC 9112 §6.1
        if header.hasTransferCoding, !isModern {
            return APIError(
                .badRequest, "invalid_request", "HTTP/1.0 has no Transfer-Encoding. Send a Content-Length.")
        }
        if let coding = header.transferCoding, !coding.isField("chunked") {
            return APIError(
                .notImplemented, "invalid_request", "chunked is the only Transfer-Encoding known here.")
        }
        // RFC 9110 §8.4
        if let coding = header.contentCoding, !coding.isEmpty, !coding.isField("identity"), header.hasContent
        {
            return APIError(
                .unsupportedMediaType, "unsupported_media_type", "Send the body without a Content-Encoding.")
        }
        if isUnknownExpectation {
            return APIError(
                .expectationFailed, "expectation_failed", "Only the expectation 100-continue is known here.")
        }
        return nil
    }
}

/// A request target with its scheme and authority, which stand above `Host` (RFC 9112 §3.2.2).
struct AbsoluteForm {
    let authority: Substring
    let path: Substring

    init?(_ target: String) {
        guard !target.utf8.starts(with: "/".utf8), let mark = target.firstRange(of: "://") else { return nil }
        let rest = target[mark.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        authority = rest[..<end]
        path = rest[end...]
    }
}

/// `Host = uri-host [ ":" port ]` (RFC 9110 §7.2), as RFC 3986 §3.2.2 has it.
enum HostField {
    static func isValid(_ text: some StringProtocol) -> Bool {
        let octets = Array(text.utf8)
        guard let first = octets.first else { return false }
        var end = 0
        if first == UInt8(ascii: "[") {
            guard let bracket = octets.firstIndex(of: UInt8(ascii: "]")),
                octets[1..<bracket].contains(UInt8(ascii: ":")) || octets[1] | 0x20 == UInt8(ascii: "v"),
                octets[1..<bracket].allSatisfy({ isName($0) || $0 == UInt8(ascii: ":") })
            else { return false }
            end = bracket + 1
        } else {
            end = octets.firstIndex(of: UInt8(ascii: ":")) ?? octets.count
            guard end > 0, octets[..<end].allSatisfy({ isName($0) || $0 == UInt8(ascii: "%") }) else {
                return false
            }
        }
        guard end < octets.count else { return true }
        return octets[end] == UInt8(ascii: ":")
            && octets[(end + 1)...].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && octets.count - end <= 6
    }

    /// `unreserved` and `sub-delims`.
    private static func isName(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~!$&'()*+,;=".utf8.contains(octet)
        }
    }
}

extension APIError {
    fileprivate static func invalidHost(_ detail: String) -> APIError {
        APIError(.badRequest, "invalid_host", detail)
    }
}
