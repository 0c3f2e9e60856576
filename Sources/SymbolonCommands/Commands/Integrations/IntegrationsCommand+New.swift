import ArgumentParser
import ConnectService
import Integrations
import OAuthHTTP

extension IntegrationsCommand {
    /// `symbolon integrations new`
    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new",
            abstract: "Write a catalog entry for a provider that is not in the catalog.",
            discussion: """
                With --issuer it reads the provider's discovery document (OpenID Connect Discovery, RFC \
                8414) and writes an entry from it; without, it writes the two endpoints that you give. The \
                result is a catalog file: save it where `catalog` in symbolon.yaml points, and complete it \
                from the provider's documentation.

                EXAMPLES
                  symbolon integrations new acme --issuer https://login.acme.example \\
                    --documentation https://acme.example/docs/oauth > acme.yaml
                  symbolon integrations new acme \\
                    --documentation https://acme.example/docs/oauth \\
                    --authorization-endpoint https://acme.example/authorize \\
                    --token-endpoint https://acme.example/token
                """)

        @Argument(help: "Its id: a-z, 0-9, - and _, a letter first, at most 64 characters.")
        var id: String

        @Option(help: .init("The issuer, exactly as the provider states it.", valueName: "url"))
        var issuer: String?

        @Option(help: .init("The provider's documentation page.", valueName: "url"))
        var documentation: String

        @Option(help: "The name for people (default: the id).")
        var label: String?

        @Option(help: .init("The authorization endpoint, without an issuer.", valueName: "url"))
        var authorizationEndpoint: String?

        @Option(help: .init("The token endpoint, without an issuer.", valueName: "url"))
        var tokenEndpoint: String?

        @Option(help: .init("The time-out for the provider.", valueName: "seconds"))
        var timeout = 5

        @OptionGroup var options: ConfigurationFileOptions

        func validate() throws {
            guard (1...60).contains(timeout) else {
                throw ValidationError("--timeout must be from 1 to 60 seconds.")
            }
            let endpoints = [authorizationEndpoint, tokenEndpoint].compactMap { $0 }
            guard issuer == nil ? endpoints.count == 2 : endpoints.isEmpty else {
                throw ValidationError("Give --issuer, or --authorization-endpoint and --token-endpoint.")
            }
        }

        func run() async throws {
            let settings = try options.settings()
            let document = try await discovered(settings)
            let text = EntryText(
                id: id, label: label ?? id, documentation: documentation,
                authorizationEndpoint: document?.authorizationEndpoint ?? authorizationEndpoint ?? "",
                tokenEndpoint: document?.tokenEndpoint ?? tokenEndpoint ?? "", document: document
            ).text
            do throws(CatalogError) {
                let file = CatalogFile(name: "the entry", text: text)
                _ = try Catalog(files: [file], allowsInsecureLoopback: settings.allowsInsecureLoopback)
            } catch {
                throw CommandError(.refused, error.description)
            }
            try Console.print(text)
            Console.note(
                "Compare it with \(documentation), then `symbolon integrations validate FILE`, `symbolon integrations try "
                    + "FILE` and, with a client, `symbolon integrations test \(id)`.")
        }

        private func discovered(_ settings: Settings) async throws(CommandError) -> DiscoveryDocument? {
            guard let issuer else { return nil }
            let client = ProviderHTTPClient(settings.providers.http(timeout: .seconds(timeout)))
            let document: DiscoveryDocument
            do throws(DiscoveryFetchError) {
                document = try await DiscoveryClient(client).fetch(issuer: issuer)
            } catch {
                await client.shutdown()
                throw CommandError(.unavailable, "\(issuer) \(error.sentence(issuer: issuer))")
            }
            await client.shutdown()
            guard document.authorizationEndpoint != nil, document.tokenEndpoint != nil else {
                throw CommandError(
                    .refused,
                    "\(issuer) states no `authorization_endpoint` or no `token_endpoint`: it has no flow with codes"
                )
            }
            return document
        }
    }
}

/// A catalog entry as a person would begin it.
struct EntryText {
    let id: String
    let label: String
    let documentation: String
    let authorizationEndpoint: String
    let tokenEndpoint: String
    /// `nil` where nothing but the endpoints is known.
    let document: DiscoveryDocument?

    var text: String {
        var lines = ["integrations:", "  \(id):"]
        func add(_ key: String, _ value: String?) { if let value { lines.append("    \(key): \(value)") } }
        add("label", Self.quoted(label))
        add("documentation", Self.quoted(documentation))
        add("issuer", document.map { Self.quoted($0.issuer) })
        add("authorization_endpoint", Self.quoted(authorizationEndpoint))
        add("token_endpoint", Self.quoted(tokenEndpoint))
        add("revocation_endpoint", document?.revocationEndpoint.map(Self.quoted))
        add("pkce", document.map { $0.takesCodeChallenge ? "supported" : "none" })
        // Without it there is no ID token to name the account.
        if namesAccount { add("required_scopes", "[openid]") }
        if !scopes.isEmpty { add("default_scopes", "[\(scopes.joined(separator: ", "))]") }
        add("token", authentication.map { "{authentication: \($0.rawValue)}" })
        if namesAccount {
            add("account", "{id: claims.sub, label: [claims.email, claims.preferred_username]}")
        }
        return lines.joined(separator: "\n")
    }

    private var namesAccount: Bool { document?.scopes.contains("openid") == true }

    /// What most apps want, as far as the provider has it.
    private var scopes: [String] {
        ["email", "profile", "offline_access"].filter { document?.scopes.contains($0) == true }
    }

    /// `nil` for the usual way, which an entry need not name.
    private var authentication: ClientAuthentication? {
        guard let offered = document?.clientAuthentications else { return nil }
        let ours = offered.compactMap(ClientAuthentication.init(rawValue:))
        return ours.contains(.clientSecretPost) ? .clientSecretPost : ours.first
    }

    /// As YAML's double-quoted style has it, whatever is in it.
    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }.joined()
        return "\"\(escaped)\""
    }
}
