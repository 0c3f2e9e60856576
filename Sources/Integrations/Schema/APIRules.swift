/// Where an app finds the provider's API with a connection's token. Nothing of ours is sent there.
package struct APIRules: Sendable, Hashable {
    /// As it is written, before parameters and kept fields are filled in.
    package let url: URLTemplate
    /// Kept fields that may be the URL's host, each with the pattern of all that it may be.
    let hosts: [TemplateParameter]
}

extension APIRules {
    private static let key = "api"

    /// - Parameter kept: the fields of callback and token response that the entry keeps.
    init?(
        _ entry: SectionReader, parameters: [TemplateParameter], kept: [String],
        tokenEndpoint: URLTemplate?, allowsInsecureLoopback: Bool
    ) {
        guard entry.node(Self.key) != nil else { return nil }
        let section = entry.section(Self.key)
        let hosts = AccountLookup.hosts(section.section("hosts"), kept: kept)
        let texts = kept.filter { name in !hosts.contains { $0.name == name } }
        let places = hosts + texts.map { TemplateParameter(place: $0, kind: .segment) }
        let known =
            parameters.filter { !$0.isSecret }
            + places.filter { place in !parameters.contains { $0.name == place.name } }
        var url: URLTemplate?
        if let text = section.string("base_url") {
            do throws(URLTemplateError) {
                url = try URLTemplate(
                    text, parameters: known, allowsInsecureLoopback: allowsInsecureLoopback, isIssuer: true)
            } catch {
                section.report("the URL \(error.description)", "base_url")
            }
        }
        if section.node("base_url") == nil { section.report("is needed", "base_url") }
        // The app sends the access token there.
        if let url, !url.isTrusted(with: tokenEndpoint, parameters: known) {
            section.report(AccountLookup.openHostAdvice, "base_url")
        }
        section.finish()
        guard let url else { return nil }
        self.url = url
        self.hosts = hosts
    }
}
