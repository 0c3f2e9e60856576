internal import HTTPTypes
internal import Hummingbird
internal import NIOHTTP1

/// What a request's header says of its caller, of what its body is, and of the connection that it came on.
package struct CallerHeader: Sendable, Equatable {
    private(set) var authorization: [String] = []
    private(set) var apiKeys: [String] = []
    private(set) var forwardedFor: [String] = []
    private(set) var forwarded: [String] = []
    private(set) var workspaceID: String?
    /// What the request is for, in its caller's words.
    private(set) var auditContext: String?
    private(set) var contentType: String?
    private(set) var origin: String?
    /// `nil` if there is none; of several the first, see ``hostCount``.
    private(set) var host: String?
    private(set) var hostCount = 0
    /// A browser only looks ahead; no user is there.
    private(set) var isPrefetch = false
    private(set) var expectation: String?
    /// The options of `Connection`, in lower case.
    private(set) var connection: [String] = []
    private(set) var contentLength: String?
    private(set) var transferCoding: String?
    private(set) var contentCoding: String?
    /// W3C Trace Context; not looked at unless requests are traced.
    private(set) var traceparent: String?
    private(set) var tracestate: String?
    /// As it came; several are one that is not well formed.
    private(set) var requestID: String?

    init(_ fields: HTTPFields) {
        self.init(lines: fields.lazy.map { (name: $0.name.rawName, value: $0.value) })
    }

    /// Of a request behind the router, where the authority stands for `Host`.
    init(_ request: Request) {
        self.init(request.headers)
        host = host ?? request.head.authority
    }

    init(_ fields: HTTPHeaders) { self.init(lines: fields) }

    /// Looks at each line once.
    private init(lines: some Sequence<(name: String, value: String)>) {
        for (name, line) in lines {
            let value = Self.withoutTrailingSpace(line)
            switch name.utf8.count {
            case 4 where name.isField("host"):
                hostCount += 1
                if host == nil { host = value }
            case 6 where name.isField("expect"): Self.add(value, to: &expectation)
            case 6 where name.isField("origin"): Self.add(value, to: &origin)
            case 7 where name.isField("purpose"), 11 where name.isField("sec-purpose"):
                if Self.isPrefetch(value) { isPrefetch = true }
            case 9 where name.isField("x-api-key"): apiKeys.append(value)
            case 9 where name.isField("forwarded"): forwarded.append(value)
            case 10 where name.isField("connection"): connection += Self.options(value)
            case 10 where name.isField("tracestate"): Self.add(value, to: &tracestate)
            case 11 where name.isField("traceparent"): Self.add(value, to: &traceparent)
            case 12 where name.isField("content-type"): Self.add(value, to: &contentType)
            case 12 where name.isField("x-request-id"): Self.add(value, to: &requestID)
            case 13 where name.isField("authorization"): authorization.append(value)
            case 14 where name.isField("x-workspace-id"): Self.add(value, to: &workspaceID)
            case 14 where name.isField("content-length"): Self.add(value, to: &contentLength)
            case 15 where name.isField("x-forwarded-for"): forwardedFor.append(value)
            case 15 where name.isField("x-audit-context"): Self.add(value, to: &auditContext)
            case 16 where name.isField("content-encoding"): Self.add(value, to: &contentCoding)
            case 17 where name.isField("transfer-encoding"): Self.add(value, to: &transferCoding)
            default: continue
            }
        }
    }

    mutating func replaceHost(by authority: String) { host = authority }

    /// Whether what the request is for, if it says so, has 1 to 256 characters of ASCII that can be seen, or spaces.
    var hasProperAuditContext: Bool {
        guard let text = auditContext?.utf8 else { return true }
        return (1...256).contains(text.count) && text.allSatisfy { (0x20...0x7e).contains($0) }
    }

    var hasTransferCoding: Bool { transferCoding != nil }

    /// Whether content follows the header.
    var hasContent: Bool { hasTransferCoding || contentLength.map { $0 != "0" } ?? false }

    /// White space around a value is no part of it (RFC 9112 §5.1), and the parser leaves what stands behind.
    private static func withoutTrailingSpace(_ value: String) -> String {
        let isSpace = { (octet: UInt8) in octet == 0x20 || octet == 0x09 }
        guard let last = value.utf8.last, isSpace(last) else { return value }
        let end = value.utf8.lastIndex { !isSpace($0) }.map { value.utf8.index(after: $0) }
        return String(value[..<(end ?? value.startIndex)])
    }

    private static func isPrefetch(_ purpose: String) -> Bool {
        purpose.lowercased().utf8.starts(with: "prefetch".utf8)
    }

    private static func options(_ value: String) -> [String] {
        value.split(separator: ",").map { option in
            option.lowercased().filter { $0 != " " && $0 != "\t" }
        }
    }

    /// Lines with one name are one field (RFC 9110 §5.3).
    private static func add(_ value: String, to field: inout String?) {
        field = field.map { "\($0), \(value)" } ?? value
    }
}

extension String {
    /// Whether it is this name of a field, which is in lower case; a field's own case does not matter.
    func isField(_ name: StaticString) -> Bool {
        let octets = utf8.span
        guard octets.count == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { letters in
            for index in octets.indices {
                let (octet, letter) = unsafe (octets[index], letters[index])
                let isSame = octet == letter || (0x41...0x5A).contains(octet) && octet | 0x20 == letter
                guard isSame else { return false }
            }
            return true
        }
    }
}
