import Integrations
import OAuth
import Testing

/// An integration made of the usual keys and some more; `{}` may be given as `id` of an embedded one.
func sample(
    _ extra: String = "", id: String = "sample", clientID: String = "client", secret: String = "secret"
) throws -> ConfiguredIntegration {
    let text = """
        integrations:
          sample:
            documentation: https://example.com/docs
            authorization_endpoint: https://example.com/authorize
            token_endpoint: https://example.com/token

        """
    let own = ["authorization_endpoint", "token_endpoint"].filter { extra.contains($0 + ":") }
    let kept = text.split(separator: "\n").filter { line in !own.contains { line.contains($0) } }
    let lines = kept.map(String.init) + extra.split(separator: "\n").map { "    \($0)" }
    let files = [CatalogFile(name: "test.yaml", text: lines.joined(separator: "\n"))]
    let integration = try #require(try Catalog(files: files)[id])
    return try ConfiguredIntegration(
        integration, settings: IntegrationSettings(clientID: clientID, clientSecret: ClientSecret(secret)))
}

func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }

extension ProviderRequest {
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
