/// What development mode shows at `/`.
package struct HomePage: Sendable {
    /// An integration of the catalog, as the list has it.
    package struct Integration: Sendable {
        let id: String
        let label: String
        let isConfigured: Bool

        package init(id: String, label: String, isConfigured: Bool) {
            self.id = id
            self.label = label
            self.isConfigured = isConfigured
        }
    }

    /// Integrations under one heading; there is none without any.
    struct List: Sendable {
        let integrations: [Integration]

        init?(_ integrations: [Integration]) {
            guard !integrations.isEmpty else { return nil }
            self.integrations = integrations
        }
    }

    let title = "Symbolon is running"
    let initiateCommand: String
    let listCommand: String
    let configured: List?
    let unconfigured: List?

    /// - Parameters:
    ///   - publicURL: canonical, so without anything that a shell would take for its own.
    ///   - apiKeyFile: the path of the file with the printed API key.
    package init(publicURL: String, apiKeyFile: String, integrations: [Integration]) {
        let header = "-H \"X-API-Key: $(cat \(Self.shellWord(apiKeyFile)))\""
        initiateCommand = """
            curl -s \(publicURL)/api/v1/oauth/initiate \\
              \(header) \\
              -H 'Content-Type: application/json' \\
              -d '{"integration_id": "sandbox", "auth_method_id": "oauth2"}'
            """
        listCommand = """
            curl -s \(publicURL)/api/v1/connections \\
              \(header)
            """
        configured = List(integrations.filter(\.isConfigured))
        unconfigured = List(integrations.filter { !$0.isConfigured })
    }

    /// Quoted where the shell would not take it for one word as it is.
    private static func shellWord(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"),
                UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard !isPlain else { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            + "'"
    }
}

extension Pages {
    package func home(_ page: HomePage) -> Page { render(.home, page) }
}

extension PageTemplate {
    static let home = PageTemplate(
        "home",
        """
        {{<layout}}{{$content}}
        <h1>{{title}}</h1>
        <p>This service connects an app to its users’ accounts at other services with OAuth. It runs in
        development mode: it answers on this machine only, with keys of its own and a built-in provider to try
        it out.</p>
        <h2>Your first flow</h2>
        <ol>
        <li>Ask for an authorization URL:
        <pre><code>{{initiateCommand}}</code></pre></li>
        <li>Open the <code>auth_url</code> of the answer in this browser, and choose <em>Allow</em>.</li>
        <li>Look at the connection that it made:
        <pre><code>{{listCommand}}</code></pre></li>
        </ol>
        <h2>Integrations</h2>
        {{#configured}}
        <h3>Ready to use</h3>
        <ul>
        {{#integrations}}
        <li>{{label}} <code>{{id}}</code></li>
        {{/integrations}}
        </ul>
        {{/configured}}
        {{#unconfigured}}
        <h3>Not configured</h3>
        <p>These need a client of yours at the provider: set its <code>client_id</code> and
        <code>client_secret</code> under <code>integrations</code> in the configuration.</p>
        <ul>
        {{#integrations}}
        <li>{{label}} <code>{{id}}</code></li>
        {{/integrations}}
        </ul>
        {{/unconfigured}}
        <h2>More</h2>
        <ul>
        <li><a href="/openapi.json">The API’s description</a> (OpenAPI)</li>
        <li><a href="/readyz">Readiness</a></li>
        </ul>
        {{/content}}{{/layout}}
        """)
}
