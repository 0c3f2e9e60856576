internal import Encodings
internal import Integrations

/// What a person needs to import a connection of an integration.
struct ConnectionRequirements {
    private struct Field {
        let key: String
        let part: String
        let label: String
        var type = "string"
        var isRequired = false
        var isSecret = false
        var pattern: String?
        var choices: [String] = []
    }

    private let integration: Integration
    private let authMethodID: String

    init(_ integration: Integration, authMethodID: String) {
        self.integration = integration
        self.authMethodID = authMethodID
    }

    func write(to answer: inout JSONOutput.Members) {
        answer.member("integration_id", integration.id)
        answer.object("auth_method") { method in
            method.member("id", authMethodID)
            method.member("name", "OAuth 2.0")
            method.member("type", "oauth2")
            method.member(
                "description",
                "A grant of the client that is configured for \(integration.label): no other client can refresh it."
            )
        }
        answer.array("required_fields") { fields in
            for field in self.fields {
                fields.object { member in
                    member.member("key", field.key)
                    member.member("in", field.part)
                    member.member("label", field.label)
                    member.member("type", field.type)
                    member.member("required", field.isRequired)
                    member.member("secure", field.isSecret)
                    guard field.pattern != nil || !field.choices.isEmpty else {
                        return member.null("validation")
                    }
                    member.object("validation") { validation in
                        validation.member("pattern", field.pattern)
                        validation.array("choices") { choices in
                            for choice in field.choices { choices.element(choice) }
                        }
                    }
                }
            }
        }
    }

    private var fields: [Field] {
        let canRefresh = integration.refresh.mode != .none
        let tokens = [
            Field(
                key: "access_token", part: "credentials", label: "Access token", isRequired: true,
                isSecret: true)
        ]
        let more = [
            Field(
                key: "refresh_token", part: "credentials", label: "Refresh token", isSecret: true),
            Field(key: "token_type", part: "credentials", label: "Token type"),
            Field(
                key: "expires_at", part: "credentials", label: "When the access token expires",
                type: "datetime"),
            Field(key: "scope", part: "credentials", label: "Granted scopes"),
            Field(key: "id_token", part: "credentials", label: "ID token", isSecret: true),
        ]
        let parameters = integration.parameters.compactMap { parameter -> Field? in
            let key: String
            switch parameter.source {
            case .caller: key = parameter.name
            case .callback(let field), .response(let field): key = field
            case .client: return nil
            }
            return Field(
                key: key, part: "config", label: parameter.label,
                type: parameter.choices.isEmpty ? "string" : "select",
                isRequired: parameter.defaultValue == nil, isSecret: parameter.isSecret,
                pattern: parameter.pattern, choices: parameter.choices.map(\.id))
        }
        return tokens + more.filter { canRefresh || $0.key != "refresh_token" } + parameters
    }
}
