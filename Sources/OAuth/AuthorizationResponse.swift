package import Integrations

/// The provider's response to an authorization request (RFC 6749 §4.1.2). Tokens in the front channel are
/// ignored.
package enum AuthorizationResponse: Sendable {
    case code(AuthorizationGrant)
    /// RFC 6749 §4.1.2.1; the texts are fit to be passed on.
    case error(code: String, description: String?)
}

/// A code, and what came with it.
package struct AuthorizationGrant: Sendable, Equatable {
    package let code: String
    /// The fields that the catalog wants kept; those that came.
    package let fields: [String: String]
    /// Where the provider names them here and not in the token response.
    package let scopes: [String]?

    package init(code: String, fields: [String: String] = [:], scopes: [String]? = nil) {
        self.code = code
        self.fields = fields
        self.scopes = scopes
    }
}

extension AuthorizationGrant: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(authorization grant)" }
    package var debugDescription: String { "(authorization grant)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension CallbackParameters {
    /// The second step, once the state and the issuer have been verified.
    package func authorizationResponse(for integration: Integration) throws(CallbackError)
        -> AuthorizationResponse
    {
        let rules = integration.callback
        let code = try value(rules.codeParameter)
        if let error {
            guard code == nil else { throw .malformed(reason: "a code and an error come together") }
            let description = text("error_description")
            return .error(code: ErrorText.code(error), description: description.map(ErrorText.clean))
        }
        guard let code else { throw .malformed(reason: "neither a code nor an error is there") }
        var fields: [String: String] = [:]
        for name in rules.fields {
            guard let value = try value(name) else { continue }
            // No store keeps it, and PostgreSQL's text cannot.
            guard !value.utf8.contains(0) else { throw .malformed(reason: "`\(name)` holds a NUL") }
            fields[name] = value
        }
        var scopes: [String]?
        if let name = rules.scopeParameter, let text = try value(name) {
            scopes = text.split { $0 == " " || integration.scope.answerSeparator.contains($0) }.map(
                String.init)
        }
        return .code(AuthorizationGrant(code: code, fields: fields, scopes: scopes))
    }
}
