package import ConnectService
internal import Encodings

extension SessionCommand {
    /// The lifetimes that a request may ask for, in seconds.
    static let lifetimes: ClosedRange<Int64> = 60...86_400
    /// The most elements of any list.
    static let maximumListCount = 100

    /// Reads the body of a request for a connect session. A field that is not known is a fault, since it may be a limit.
    package static func parse(
        _ body: Span<UInt8>, contentType: String?
    ) throws(RequestValidationError) -> SessionCommand {
        try SessionForm.parse(body, contentType: contentType)
    }
}

/// A request for a connect session, while it is read.
private struct SessionForm: RequestForm {
    private var userID = FormField<String>.absent
    private var userLabel = FormField<String>.absent
    private var integrations = FormField<[String]>.absent
    private var scopes = FormField<[String]>.absent
    private var parameters = FormField<[String: String]>.absent
    private var redirectURI = FormField<String>.absent
    private var tags = FormField<[String: String]>.absent
    private var label = FormField<String>.absent
    private var connectionID = FormField<String>.absent
    private var origins = FormField<[String]>.absent
    private var disconnect = FormField<Bool>.absent
    private var lifetime = FormField<Int64>.absent
    private var unknown = UnknownMembers()

    init() {}

    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if name.matches("user_id", in: text) {
            userID = try reader.readStringField(in: text)
        } else if name.matches("user_label", in: text) {
            userLabel = try reader.readStringField(in: text)
        } else if name.matches("integrations", in: text) {
            integrations = try reader.readListField(in: text)
        } else if name.matches("scopes", in: text) {
            scopes = try reader.readListField(in: text)
        } else if name.matches("params", in: text) {
            parameters = try reader.readDictionaryField(in: text)
        } else if name.matches("redirect_uri", in: text) {
            redirectURI = try reader.readStringField(in: text)
        } else if name.matches("tags", in: text) {
            tags = try reader.readDictionaryField(in: text)
        } else if name.matches("label", in: text) {
            label = try reader.readStringField(in: text)
        } else if name.matches("connection_id", in: text) {
            connectionID = try reader.readStringField(in: text)
        } else if name.matches("origins", in: text) {
            origins = try reader.readListField(in: text)
        } else if name.matches("disconnect", in: text) {
            disconnect = try reader.readBooleanField(in: text)
        } else if name.matches("lifetime", in: text) {
            lifetime = try reader.readIntegerField(in: text)
        } else {
            try unknown.skip(name, with: &reader, in: text)
        }
    }

    func request(
        collecting issues: inout ValidationIssues, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> SessionCommand? {
        let userID = issues.required(userID, "user_id")
        let userLabel = issues.optional(userLabel, "user_label")
        let integrations = try list(integrations, "integrations", &issues, in: text)
        let scopes = try list(scopes, "scopes", &issues, in: text)
        let parameters = try issues.optional(parameters, "params", in: text)
        if let parameters { issues.limit(parameters, "params", count: 64, names: 64, values: 1000) }
        let redirectURI = issues.optional(redirectURI, "redirect_uri")
        let tags = try issues.tags(tags, in: text)
        let label = issues.label(label)
        let connectionID = issues.optional(connectionID, "connection_id")
        let origins = try list(origins, "origins", &issues, in: text)
        let disconnect = issues.optional(disconnect, "disconnect")
        let lifetime = issues.optional(lifetime, "lifetime")
        if let lifetime { checkRange(lifetime, &issues) }
        unknown.report(to: &issues)
        guard let userID else { return nil }
        return SessionCommand(
            userID: userID, userLabel: userLabel, integrationIDs: integrations, scopes: scopes,
            parameters: parameters ?? [:], redirectURI: redirectURI, tags: tags ?? [:],
            label: label.flatMap { $0.isEmpty ? nil : $0 }, connectionID: connectionID, origins: origins,
            mayDisconnect: disconnect ?? false, lifetime: lifetime.map { .seconds($0) })
    }

    private func list(
        _ field: FormField<[String]>, _ name: String, _ issues: inout ValidationIssues,
        in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> [String] {
        let list = try issues.optional(field, name, in: text) ?? []
        if list.count > SessionCommand.maximumListCount {
            issues.add(
                "List should have at most \(SessionCommand.maximumListCount) items after validation, "
                    + "not \(list.count)", "too_long", at: [.name(name)])
        }
        return list
    }

    private func checkRange(_ lifetime: Int64, _ issues: inout ValidationIssues) {
        let range = SessionCommand.lifetimes
        if lifetime < range.lowerBound {
            issues.add(
                "Input should be greater than or equal to \(range.lowerBound)", "greater_than_equal",
                at: [.name("lifetime")])
        } else if lifetime > range.upperBound {
            issues.add(
                "Input should be less than or equal to \(range.upperBound)", "less_than_equal",
                at: [.name("lifetime")])
        }
    }
}
