internal import HTTPTypes
internal import NIOHTTP1

/// What a request's header says of its caller, and of what its body is.
package struct CallerHeader: Sendable, Equatable {
    private(set) var authorization: [String] = []
    private(set) var apiKeys: [String] = []
    private(set) var forwardedFor: [String] = []
    private(set) var forwarded: [String] = []
    private(set) var workspaceID: String?
    private(set) var contentType: String?
    /// Whether somebody only looks ahead, and nobody is there.
    private(set) var isPrefetch = false

    init(_ fields: HTTPFields) {
        authorization = fields[values: .authorization]
        apiKeys = fields[values: .apiKey]
        forwardedFor = fields[values: .forwardedFor]
        forwarded = fields[values: .forwarded]
        workspaceID = fields[.workspaceID]
        contentType = fields[.contentType]
        isPrefetch = [.secPurpose, .purpose].contains { fields[$0].map(Self.isPrefetch) ?? false }
    }

    /// Looks at each field once.
    init(_ fields: HTTPHeaders) {
        for (name, value) in fields {
            switch name.utf8.count {
            case 7 where name.isField("purpose"), 11 where name.isField("sec-purpose"):
                if Self.isPrefetch(value) { isPrefetch = true }
            case 9 where name.isField("x-api-key"): apiKeys.append(value)
            case 9 where name.isField("forwarded"): forwarded.append(value)
            case 12 where name.isField("content-type"): Self.add(value, to: &contentType)
            case 13 where name.isField("authorization"): authorization.append(value)
            case 14 where name.isField("x-workspace-id"): Self.add(value, to: &workspaceID)
            case 15 where name.isField("x-forwarded-for"): forwardedFor.append(value)
            default: continue
            }
        }
    }

    private static func isPrefetch(_ purpose: String) -> Bool {
        purpose.lowercased().utf8.starts(with: "prefetch".utf8)
    }

    /// Lines with one name are one field (RFC 9110 §5.3).
    private static func add(_ value: String, to field: inout String?) {
        field = field.map { "\($0), \(value)" } ?? value
    }
}

extension String {
    /// Whether it is this name of a field, which is in lower case; a field's own case does not matter.
    func isField(_ name: StaticString) -> Bool {
        name.withUTF8Buffer { name in
            unsafe utf8.elementsEqual(name) { octet, letter in
                octet == letter || (0x41...0x5A).contains(octet) && octet | 0x20 == letter
            }
        }
    }
}
