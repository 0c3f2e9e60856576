/// A second exchange right after the code's: the access token for another, which lasts longer or can do more.
package struct SecondExchange: Sendable, Hashable {
    package let shape: RequestShape
    /// All that the request sends, unless the client authenticates beside it.
    package let parameters: [NamedTemplate]
    package let authentication: ClientAuthentication?
    /// Whether it comes after each refresh, too: the token that it gives is a session's, which no refresh extends.
    package let followsRefreshes: Bool
    let url: URLTemplate

    /// All names in the URL, the parameters and the headers.
    var names: [String] { url.names + (parameters + shape.headers).flatMap(\.value.parameterNames) }
}

extension SecondExchange {
    private static let key = "exchange_after"

    init?(
        _ entry: SectionReader, token: TokenRules, parameters declared: [TemplateParameter],
        tokenEndpoint: URLTemplate?, allowsInsecureLoopback: Bool
    ) {
        guard entry.node(Self.key) != nil else { return nil }
        let section = entry.section(Self.key)
        let own = ["access_token", "client_secret"].map { TemplateParameter(place: $0, kind: .segment) }
        let known = declared + [.clientID] + own
        shape = RequestShape(
            section, parameters: known, methods: [.post, .get], names: [.clientID, .clientSecret],
            omissions: [.clientID, .clientSecret], like: nil)
        parameters = section.templates("parameters", parameters: known)
        authentication = section.choice("authentication", of: ClientAuthentication.self)
        followsRefreshes = section.flag("after_refresh") ?? false
        var url: URLTemplate?
        if let text = section.string("url") {
            do throws(URLTemplateError) {
                url = try URLTemplate(
                    text, parameters: declared, allowsInsecureLoopback: allowsInsecureLoopback)
            } catch {
                section.report("the URL \(error.description)", "url")
            }
        }
        if section.node("url") == nil { section.report("is needed", "url") }
        if let url, !url.isTrusted(with: tokenEndpoint, parameters: declared) {
            section.report(AccountLookup.openHostAdvice, "url")
        }
        let names = (parameters + shape.headers).flatMap(\.value.parameterNames)
        if !names.contains("access_token") {
            section.report("needs {access_token} in one of them: it is what is exchanged", "parameters")
        }
        if names.contains("client_secret"), token.authentication == .none || token.clientAssertion != nil {
            section.report("names {client_secret}, and the client has none", "parameters")
        }
        section.finish()
        guard let url else { return nil }
        self.url = url
    }
}

extension ConfiguredIntegration {
    /// Where a fresh access token is exchanged for another; nil where the entry has no such exchange, or another provider
    /// issues the tokens.
    package func secondExchangeURL(parameters: [String: String]) -> String? {
        urls.secondExchange?.filled(parameters)
    }
}
