internal import Connections
internal import Encodings
internal import OAuth
internal import StateTokens

/// The body of `POST /api/v1/revocations`.
struct RevocationRequest: Equatable, Sendable {
    let filter: RevocationFilter
    let isDryRun: Bool

    static let emptyFilter = RequestValidationError([
        ValidationIssue(
            loc: [.name("body")],
            msg: "Say which connections: at least one of workspace, integration, user_id and since",
            type: "missing")
    ])

    static func parse(
        _ body: Span<UInt8>, contentType: String?
    ) throws(RequestValidationError) -> RevocationRequest {
        try RevocationForm.parse(body, contentType: contentType)
    }
}

/// A request for a revocation, while it is read. A member that is not known is a fault, and so is null: a filter that is
/// spelled wrong, or left without a value, would end more grants than it says.
private struct RevocationForm: RequestForm {
    private var workspace = FormField<String>.absent
    private var integration = FormField<String>.absent
    private var userID = FormField<String>.absent
    private var since = FormField<String>.absent
    private var isDryRun = FormField<Bool>.absent
    private var unknown = UnknownMembers()

    init() {}

    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if name.matches("workspace", in: text) {
            workspace = try reader.readStringField(in: text)
        } else if name.matches("integration", in: text) {
            integration = try reader.readStringField(in: text)
        } else if name.matches("user_id", in: text) {
            userID = try reader.readStringField(in: text)
        } else if name.matches("since", in: text) {
            since = try reader.readStringField(in: text)
        } else if name.matches("dry_run", in: text) {
            isDryRun = try reader.readBooleanField(in: text)
        } else {
            try unknown.skip(name, with: &reader, in: text)
        }
    }

    func request(
        collecting issues: inout ValidationIssues, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> RevocationRequest? {
        let before = issues.list.count
        let workspace = issues.name(workspace, "workspace")
        let integration = issues.name(integration, "integration")
        let userID = issues.name(userID, "user_id")
        let sinceText = issues.present(since, "since")
        let since = sinceText.flatMap { Timestamp(dateTime: $0) }
        if sinceText != nil, since == nil {
            issues.add(
                "Input should be a valid datetime: RFC 3339, like 2026-01-01T00:00:00Z",
                "datetime_parsing", at: [.name("since")])
        }
        if case .null = isDryRun { issues.add(.notBoolean, at: .name("dry_run")) }
        let isDryRun = issues.optional(isDryRun, "dry_run") ?? false
        unknown.report(to: &issues)
        let filter = RevocationFilter(
            workspaceID: workspace, integrationID: integration, userID: userID, since: since)
        if filter.isEmpty, issues.list.count == before {
            for issue in RevocationRequest.emptyFilter.issues { issues.add(issue) }
        }
        return RevocationRequest(filter: filter, isDryRun: isDryRun)
    }
}

extension ValidationIssues {
    /// A name of 1 to 255 characters.
    fileprivate mutating func name(_ field: FormField<String>, _ name: String) -> String? {
        guard let text = present(field, name) else { return nil }
        if text.isEmpty {
            add("String should have at least 1 character", "string_too_short", at: [.name(name)])
        }
        limit(text, to: 255, at: [.name(name)])
        return text
    }

    /// A string that may be left out, and not be null.
    fileprivate mutating func present(_ field: FormField<String>, _ name: String) -> String? {
        if case .absent = field { return nil }
        return required(field, name)
    }
}
