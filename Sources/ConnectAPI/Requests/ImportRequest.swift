package import ConnectService
internal import Encodings
internal import OAuth

/// The body of `POST /api/v1/connections`.
package struct ImportRequest: Equatable, Sendable {
    package let command: ImportCommand

    package static func parse(
        _ body: Span<UInt8>, contentType: String?
    ) throws(RequestValidationError) -> ImportRequest {
        try ImportForm.parse(body, contentType: contentType)
    }
}

/// A request to import a connection, while it is read.
private struct ImportForm: RequestForm {
    private var integrationID = FormField<String>.absent
    private var authMethodID = FormField<String>.absent
    private var credentials = FormField<CredentialsForm>.absent
    private var label = FormField<String>.absent
    private var config = FormField<[String: String]>.absent
    private var tags = FormField<[String: String]>.absent
    private var userID = FormField<String>.absent

    init() {}

    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if name.matches("integration", in: text) {
            integrationID = try reader.readStringField(in: text)
        } else if name.matches("auth_method_id", in: text) {
            authMethodID = try reader.readStringField(in: text)
        } else if name.matches("credentials", in: text) {
            credentials = try CredentialsForm.read(with: &reader, in: text)
        } else if name.matches("label", in: text) {
            label = try reader.readStringField(in: text)
        } else if name.matches("config", in: text) {
            config = try reader.readDictionaryField(in: text)
        } else if name.matches("tags", in: text) {
            tags = try reader.readDictionaryField(in: text)
        } else if name.matches("user_id", in: text) {
            userID = try reader.readStringField(in: text)
        } else {
            try reader.skipValue(in: text)
        }
    }

    func request(
        collecting issues: inout ValidationIssues, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> ImportRequest? {
        let integrationID = issues.required(integrationID, "integration")
        let authMethodID = issues.required(authMethodID, "auth_method_id", default: "oauth2")
        let held = issues.credentials(credentials)
        let label = issues.label(label)
        let config = try issues.config(config, in: text)
        let tags = try issues.tags(tags, in: text)
        let userID = issues.userID(userID)
        guard let integrationID, let authMethodID, let held else { return nil }
        return ImportRequest(
            command: ImportCommand(
                integrationID: integrationID, authMethodID: authMethodID, credentials: held, label: label,
                config: config ?? [:], tags: tags ?? [:], userID: userID))
    }
}

/// The body of `POST /api/v1/connections/validate`.
struct ValidateRequest: Equatable, Sendable {
    let credentials: HeldCredentials
    let config: [String: String]

    static func parse(
        _ body: Span<UInt8>, contentType: String?
    ) throws(RequestValidationError) -> ValidateRequest {
        try ValidateForm.parse(body, contentType: contentType)
    }
}

private struct ValidateForm: RequestForm {
    private var credentials = FormField<CredentialsForm>.absent
    private var config = FormField<[String: String]>.absent

    init() {}

    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if name.matches("credentials", in: text) {
            credentials = try CredentialsForm.read(with: &reader, in: text)
        } else if name.matches("config", in: text) {
            config = try reader.readDictionaryField(in: text)
        } else {
            try reader.skipValue(in: text)
        }
    }

    func request(
        collecting issues: inout ValidationIssues, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> ValidateRequest? {
        let held = issues.credentials(credentials)
        let config = try issues.config(config, in: text)
        guard let held else { return nil }
        return ValidateRequest(credentials: held, config: config ?? [:])
    }
}

extension ValidationIssues {
    fileprivate mutating func credentials(_ field: FormField<CredentialsForm>) -> HeldCredentials? {
        switch field {
        case .value(let form): return form.credentials(collecting: &self)
        case .absent: add(.missing, at: .name("credentials"))
        case .null, .wrongInside: add(.notRequest, at: .name("credentials"))
        case .wrong(let fault): add(fault, at: .name("credentials"))
        }
        return nil
    }
}
