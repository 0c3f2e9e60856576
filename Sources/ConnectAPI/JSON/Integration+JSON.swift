package import Encodings
package import Integrations

extension Integration {
    /// The members of an integration, with what its client still needs.
    ///
    /// - Parameters:
    ///   - redirectURI: what is to be registered at the provider.
    ///   - error: what is missing of its settings, or wrong with them; `nil` if it is ready.
    package func write(
        to answer: inout JSONOutput.Members, redirectURI: String, settings error: SettingsError?
    ) {
        answer.member("id", id)
        answer.member("label", label)
        answer.member("documentation", documentation)
        answer.member("sandbox", isSandbox)
        answer.member("configured", error == nil)
        answer.array("missing_settings") { names in for name in error?.missing ?? [] { names.element(name) } }
        answer.member("redirect_uri", redirectURI)
        answer.array("auth_methods") { methods in for id in authMethods { methods.element(id) } }
        answer.member("scopes", scope.mode.rawValue)
        answer.array("default_scopes") { scopes in for name in scope.requested([]) { scopes.element(name) } }
        answer.array("required_scopes") { scopes in for name in scope.required { scopes.element(name) } }
        answer.member("pkce", authorization.pkce.rawValue)
        if let maxStateLength {
            answer.member("max_state_length", maxStateLength)
        } else {
            answer.null("max_state_length")
        }
        answer.array("params") { elements in
            for parameter in parameters where parameter.source == .caller {
                elements.object { parameter.write(to: &$0) }
            }
        }
    }
}

extension TemplateParameter {
    fileprivate func write(to answer: inout JSONOutput.Members) {
        answer.member("name", name)
        answer.member("label", label)
        answer.member("description", description)
        answer.member("kind", kind.rawValue)
        answer.member("pattern", pattern)
        answer.member("default", defaultValue)
        answer.member("required", defaultValue == nil)
    }
}
