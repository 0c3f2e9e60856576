internal import Encodings

extension InitiateRequest {
    /// Reads the body of an initiate request; what it accepts, and what it says otherwise, is FastAPI's.
    package static func parse(
        _ body: Span<UInt8>, contentType: String?
    ) throws(RequestValidationError) -> InitiateRequest {
        try InitiateForm.parse(body, contentType: contentType)
    }
}

/// `OAuthInitiateRequest`, while it is read.
private struct InitiateForm: RequestForm {
    static var contentTypeFault: ValidationIssue.Fault { .notRequest }

    private var integrationID = FormField<String>.absent
    private var authMethodID = FormField<String>.absent
    private var scopes = FormField<[String]>.absent
    private var redirectURI = FormField<String>.absent
    private var parameters = FormField<[String: String]>.absent
    private var binding = FormField<String>.absent
    private var connectionID = FormField<String>.absent
    private var isNew = FormField<Bool>.absent
    private var appState = FormField<String>.absent
    private var authorizationParameters = FormField<[String: String]>.absent
    private var label = FormField<String>.absent
    private var tags = FormField<[String: String]>.absent
    private var userLabel = FormField<String>.absent

    init() {}

    mutating func readMember(
        _ name: JSONString, with reader: inout JSONReader, in text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        if name.matches("integration_id", in: text) {
            integrationID = try reader.readStringField(in: text)
        } else if name.matches("auth_method_id", in: text) {
            authMethodID = try reader.readStringField(in: text)
        } else if name.matches("scopes", in: text) {
            scopes = try reader.readListField(in: text)
        } else if name.matches("redirect_uri", in: text) {
            redirectURI = try reader.readStringField(in: text)
        } else if name.matches("params", in: text) {
            parameters = try reader.readDictionaryField(in: text)
        } else if name.matches("binding", in: text) {
            binding = try reader.readStringField(in: text)
        } else if name.matches("connection_id", in: text) {
            connectionID = try reader.readStringField(in: text)
        } else if name.matches("new", in: text) {
            isNew = try reader.readBooleanField(in: text)
        } else if name.matches("app_state", in: text) {
            appState = try reader.readStringField(in: text)
        } else if name.matches("authorization_params", in: text) {
            authorizationParameters = try reader.readDictionaryField(in: text)
        } else if name.matches("label", in: text) {
            label = try reader.readStringField(in: text)
        } else if name.matches("tags", in: text) {
            tags = try reader.readDictionaryField(in: text)
        } else if name.matches("user_label", in: text) {
            userLabel = try reader.readStringField(in: text)
        } else {
            try reader.skipValue(in: text)
        }
    }

    func request(
        collecting issues: inout ValidationIssues, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> InitiateRequest? {
        let integrationID = issues.required(integrationID, "integration_id")
        let authMethodID = issues.required(authMethodID, "auth_method_id", default: "oauth2")
        let scopes = try issues.optional(scopes, "scopes", in: text)
        let redirectURI = issues.optional(redirectURI, "redirect_uri")
        let parameters = try issues.optional(parameters, "params", in: text)
        let binding = issues.optional(binding, "binding")
        let connectionID = issues.optional(connectionID, "connection_id")
        let isNew = issues.optional(isNew, "new")
        let appState = issues.optional(appState, "app_state")
        let authorizationParameters = try issues.optional(
            authorizationParameters, "authorization_params", in: text)
        let label = issues.label(label)
        let tags = try issues.tags(tags, in: text)
        let userLabel = issues.optional(userLabel, "user_label")
        guard let integrationID, let authMethodID else { return nil }
        return InitiateRequest(
            integrationID: integrationID, authMethodID: authMethodID, scopes: scopes,
            redirectURI: redirectURI,
            parameters: parameters, binding: binding, connectionID: connectionID, isNew: isNew,
            appState: appState,
            authorizationParameters: authorizationParameters, label: label, tags: tags, userLabel: userLabel)
    }
}
