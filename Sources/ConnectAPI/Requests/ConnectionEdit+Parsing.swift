package import ConnectService
internal import Encodings

extension ConnectionEdit {
    /// Reads the body of a request that changes a connection. A field that cannot be changed is a fault, since it would
    /// be lost otherwise.
    package static func parse(
        _ body: Span<UInt8>, contentType: String?
    ) throws(RequestValidationError) -> ConnectionEdit {
        try ConnectionEditForm.parse(body, contentType: contentType)
    }
}

/// What a request changes, while it is read.
private struct ConnectionEditForm: RequestForm {
    private var label = FormField<String>.absent
    private var tags = FormField<[String: String]>.absent
    private var config = FormField<[String: String]>.absent
    private var status = FormField<String>.absent
    private var userID = FormField<String>.absent
    private var revision = FormField<Int64>.absent
    private var unknown = UnknownMembers()

    init() {}

    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if name.matches("label", in: text) {
            label = try reader.readStringField(in: text)
        } else if name.matches("tags", in: text) {
            tags = try reader.readDictionaryField(in: text)
        } else if name.matches("config", in: text) {
            config = try reader.readDictionaryField(in: text)
        } else if name.matches("status", in: text) {
            status = try reader.readStringField(in: text)
        } else if name.matches("user_id", in: text) {
            userID = try reader.readStringField(in: text)
        } else if name.matches("revision", in: text) {
            revision = try reader.readIntegerField(in: text)
        } else {
            try unknown.skip(name, with: &reader, in: text)
        }
    }

    func request(
        collecting issues: inout ValidationIssues, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> ConnectionEdit? {
        let label = issues.label(label)
        let tags = try issues.tags(tags, in: text)
        let config = try issues.config(config, in: text)
        let statusText = issues.optional(status, "status")
        let status = statusText.flatMap { EditableStatus(rawValue: $0) }
        if statusText != nil, status == nil {
            issues.add("Input should be 'active' or 'inactive'", "enum", at: [.name("status")])
        }
        let userID = issues.userID(userID)
        let revision = issues.optional(revision, "revision")
        unknown.report(to: &issues)
        return ConnectionEdit(
            label: label, tags: tags, config: config, status: status, userID: userID, revision: revision)
    }
}
