internal import Access
internal import Connections
internal import Hummingbird
internal import HummingbirdCore
internal import OAuth
internal import StateTokens

/// The filters and the page of `GET /api/v1/connections`.
struct ConnectionListQuery {
    private static let mostSkipped = 1_000_000_000

    private let integrationID: String?
    private let integrationType: String?
    private let status: ConnectionStatus?
    private let userID: String?
    private let label: String?
    private let tag: ConnectionQuery.Tag?
    private let expiresBefore: Timestamp?
    private let reauthorizeBefore: Timestamp?
    private let skip: Int
    private let limit: Int
    private let cursor: String?

    init(_ parameters: FlatDictionary<Substring, Substring>) throws(RequestValidationError) {
        var issues: [ValidationIssue] = []
        func text(_ name: Substring) -> String? { parameters[name].map(String.init) }
        func time(_ name: Substring) -> Timestamp? {
            guard let text = text(name) else { return nil }
            let time = Timestamp(dateTime: text)
            if time == nil {
                issues.append(
                    Self.issue(
                        String(name), "Input should be a valid datetime: RFC 3339, like 2026-01-01T00:00:00Z",
                        "datetime_parsing"))
            }
            return time
        }
        integrationID = text("integration")
        integrationType = text("integration_type")
        userID = text("user_id")
        label = text("label")
        cursor = text("cursor")
        let statusText = text("status")
        status = statusText.flatMap { ConnectionStatus(rawValue: $0) }
        if statusText != nil, status == nil {
            let names = ConnectionStatus.allCases.map { "'\($0.rawValue)'" }
            let known = names.dropLast().joined(separator: ", ") + " or \(names.last ?? "")"
            issues.append(Self.issue("status", "Input should be \(known)", "enum"))
        }
        let tagText = text("tag")
        tag = tagText.flatMap { ConnectionQuery.Tag($0) }
        if tagText != nil, tag == nil {
            issues.append(
                Self.issue("tag", "Input should be a name and a value with a colon between", "tag_parsing"))
        }
        expiresBefore = time("expires_before")
        reauthorizeBefore = time("reauthorize_before")
        let skipText = text("skip")
        let skip = skipText.map { Int($0) } ?? 0
        if skip == nil {
            issues.append(
                Self.issue(
                    "skip", "Input should be a valid integer, unable to parse string as an integer",
                    "int_parsing"))
        } else if let skip, skip < 0 {
            issues.append(
                Self.issue("skip", "Input should be greater than or equal to 0", "greater_than_equal"))
        } else if let skip, skip > Self.mostSkipped {
            issues.append(
                Self.issue(
                    "skip", "Input should be less than or equal to \(Self.mostSkipped)", "less_than_equal"))
        }
        self.skip = skip ?? 0
        let limit = PageLimit(parameters["limit"])
        if let issue = limit.issue { issues.append(issue) }
        self.limit = limit.value
        guard issues.isEmpty else { throw RequestValidationError(issues) }
    }

    /// - Parameter principal: the holder of a session sees its user's connections, whatever the query asks for, and one who
    ///   is limited those within the limits.
    func query(in workspaceID: String, for principal: Principal) -> ConnectionQuery {
        let session = principal.session
        let limits = principal.limits
        return ConnectionQuery(
            workspaceID: workspaceID, integrationID: integrationID, integrationType: integrationType,
            integrationIDs: Self.bound(session?.integrationIDs, limits?.integrationIDs),
            connectionIDs: Self.bound(nil, limits?.connectionIDs),
            userIDs: Self.bound(nil, limits?.userIDs), status: status, userID: session?.userID ?? userID,
            label: label, tag: tag,
            expiresBefore: expiresBefore,
            reauthorizeBefore: reauthorizeBefore, skip: skip, limit: limit, cursor: cursor)
    }

    /// The names that both lists have, of which an empty one sets no bound.
    private static func bound(_ first: [String]?, _ second: [String]?) -> [String]? {
        guard let first, !first.isEmpty else { return second.flatMap { $0.isEmpty ? nil : $0 } }
        guard let second, !second.isEmpty else { return first }
        return first.filter { name in second.contains { $0.utf8.elementsEqual(name.utf8) } }
    }

    private static func issue(_ name: String, _ msg: String, _ type: String) -> ValidationIssue {
        ValidationIssue(loc: [.name("query"), .name(name)], msg: msg, type: type)
    }
}

extension ConnectionQuery.Tag {
    /// Reads `name:value`. The first colon ends the name, which has none.
    fileprivate init?(_ text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), colon != text.startIndex else {
            return nil
        }
        self.init(name: String(text[..<colon]), value: String(text[text.utf8.index(after: colon)...]))
    }
}
