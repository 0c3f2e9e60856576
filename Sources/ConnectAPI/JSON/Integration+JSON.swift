package import Encodings
package import Integrations

extension Integration {
    /// The members of an integration, with what its client still needs.
    ///
    /// - Parameters:
    ///   - redirectURI: what is to be registered at the provider; `nil` where each host has its own.
    ///   - error: what is missing of its settings, or wrong with them; `nil` if it is ready.
    ///   - isConnectable: whether a flow can begin.
    ///   - isOwnClient: whether the client is the workspace's own.
    ///   - defaultScopes: what a flow asks for that names none; `nil`: what the entry says.
    ///   - logo: the URL of the operator's picture for it.
    ///   - fixed: parameters that a connect session has set, which its user is not asked for.
    package func write(
        to answer: inout JSONOutput.Members, redirectURI: String?, settings error: SettingsError?,
        isConnectable: Bool, isOwnClient: Bool = false, defaultScopes: [String]? = nil,
        logo: String? = nil, fixed: [String: String] = [:]
    ) {
        answer.member("id", id)
        answer.member("label", label)
        answer.member("documentation", documentation)
        answer.member("setup", about.setup)
        answer.member("logo", logo)
        answer.array("categories") { names in
            for category in about.categories { names.element(category.rawValue) }
        }
        answer.array("aliases") { names in for alias in about.aliases { names.element(alias) } }
        answer.member("status", about.status.rawValue)
        answer.member("checked", about.checked)
        answer.member("sandbox", isSandbox)
        answer.member("sandbox_of", about.sandboxOf)
        answer.member("configured", error == nil)
        answer.member("connectable", isConnectable)
        answer.member("own_client", isOwnClient)
        answer.array("missing_settings") { names in for name in error?.missing ?? [] { names.element(name) } }
        answer.member("redirect_uri", redirectURI)
        answer.array("auth_methods") { methods in for id in authMethods { methods.element(id) } }
        answer.member("scopes", scope.mode.rawValue)
        answer.array("default_scopes") { scopes in
            for name in defaultScopes ?? scope.requested([]) { scopes.element(name) }
        }
        answer.array("required_scopes") { scopes in for name in scope.required { scopes.element(name) } }
        answer.array("known_scopes") { elements in
            for known in scope.meanings {
                elements.object { member in
                    member.member("scope", known.scope)
                    member.member("allows", known.meaning)
                }
            }
        }
        answer.member("pkce", authorization.pkce.rawValue)
        if let maxStateLength {
            answer.member("max_state_length", maxStateLength)
        } else {
            answer.null("max_state_length")
        }
        answer.array("params") { elements in
            for parameter in parameters where parameter.source == .caller && fixed[parameter.name] == nil {
                elements.object { parameter.write(to: &$0) }
            }
        }
        answer.array("authorization_params") { names in
            for parameter in authorization.parameters where parameter.isOverridable {
                names.element(parameter.name)
            }
        }
        answer.member("refresh", refresh.mode.rawValue)
        answer.seconds("refresh_token_lifetime", refresh.tokenLifetime)
        answer.seconds("refresh_token_idle_lifetime", refresh.idleLifetime)
        answer.seconds("assumed_token_lifetime", response.assumedLifetime)
        if let keeps = refresh.keepsAccessToken {
            answer.member("refresh_keeps_access_token", keeps)
        } else {
            answer.null("refresh_keeps_access_token")
        }
        answer.member("api_base_url", api?.url.text)
        answer.member("disconnecting_ends", revocationEndpoint == nil ? nil : revocation.ends.rawValue)
    }
}

extension JSONOutput.Members {
    /// Whole seconds, or null.
    fileprivate mutating func seconds(_ name: String, _ duration: Duration?) {
        if let duration {
            member(name, Int(duration.components.seconds))
        } else {
            null(name)
        }
    }
}

extension TemplateParameter {
    fileprivate func write(to answer: inout JSONOutput.Members) {
        answer.member("name", name)
        answer.member("label", label)
        answer.member("description", description)
        answer.member("example", example)
        answer.member("kind", kind.rawValue)
        answer.member("pattern", pattern)
        answer.member("default", defaultValue)
        answer.member("required", defaultValue == nil)
        answer.array("choices") { elements in
            for choice in choices {
                elements.object { member in
                    member.member("id", choice.id)
                    member.member("label", choice.label)
                }
            }
        }
    }
}
