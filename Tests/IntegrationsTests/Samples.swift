import Testing

@testable import Integrations

/// An entry with the keys that every entry needs, and some more.
func entryText(_ extra: String = "", id: String = "sample") -> String {
    let lines = """
        integrations:
          \(id):
            documentation: https://example.com/docs
            authorization_endpoint: https://example.com/authorize
            token_endpoint: https://example.com/token

        """
    return lines + extra.split(separator: "\n").map { "    \($0)\n" }.joined()
}

func catalog(_ texts: String..., allowsInsecureLoopback: Bool = false) throws -> Catalog {
    let files = texts.enumerated().map { CatalogFile(name: "file\($0.offset).yaml", text: $0.element) }
    return try Catalog(files: files, allowsInsecureLoopback: allowsInsecureLoopback)
}

/// What is wrong with the texts; empty where nothing is.
func mistakes(_ texts: String...) -> [CatalogMistake] {
    let files = texts.enumerated().map { CatalogFile(name: "file\($0.offset).yaml", text: $0.element) }
    do throws(CatalogError) {
        _ = try Catalog(files: files)
        return []
    } catch {
        return error.mistakes
    }
}

func configured(
    _ text: String, id: String = "sample", settings: IntegrationSettings? = nil,
    allowsInsecureLoopback: Bool = false
) throws -> ConfiguredIntegration {
    let integration = try #require(try catalog(text, allowsInsecureLoopback: allowsInsecureLoopback)[id])
    let settings = settings ?? IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
    return try ConfiguredIntegration(
        integration, settings: settings, allowsInsecureLoopback: allowsInsecureLoopback)
}
