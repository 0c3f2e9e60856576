import Foundation
import Testing

@testable import Integrations

@Suite("Catalog") struct CatalogTests {
    @Test func `the embedded catalog holds its integrations in order, each of them by its id`() throws {
        let catalog = try Catalog()
        let ids = catalog.integrations.map(\.id)
        #expect(ids == Set(ids).sorted() && ids.count >= 250)
        for id in ["gmail", "github", "hubspot", "microsoft", "salesforce", "shopify", "slack", "xero"] {
            #expect(catalog[id]?.id == id)
        }
    }

    @Test func `every file of the catalog's folder is in the program, to the octet`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Integrations/Catalog")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        #expect(EmbeddedCatalog.files.map(\.name) == names.sorted().map { "embedded/\($0)" })
        for (name, file) in zip(names.sorted(), EmbeddedCatalog.files) {
            #expect(try String(contentsOf: folder.appending(path: name), encoding: .utf8) == file.text)
        }
    }

    @Test func `an outline of an entry says what reading its file says, for every entry`() throws {
        #expect(EmbeddedCatalog.outlines.count >= 250)
        var written: [String: EntryOutline] = [:]
        for (place, file) in EmbeddedCatalog.files.enumerated() {
            for entry in file.entries(MistakeList()) {
                written[entry.id] = EntryOutline(
                    file: place, parent: entry.node["inherits"]?.text,
                    isAbstract: entry.node["abstract"]?.text == "true")
            }
        }
        #expect(EmbeddedCatalog.outlines == written)
    }

    @Test func `an entry is the same whether it is read alone or with all others`() throws {
        let all = try EmbeddedCatalog.alone.all()
        let catalog = try Catalog()
        #expect(all.keys.sorted() == catalog.ids)
        for id in ["gmail", "microsoft", "zoho-crm", "salesforce-sandbox", "generic"] {
            let file = CatalogFile(name: "a", text: "integrations:\n  \(id): {label: Another}\n")
            let changed = try #require(try Catalog(files: [file])[id])
            let embedded = try #require(all[id])
            #expect(changed.label == "Another" && changed.tokenEndpoint == embedded.tokenEndpoint)
        }
    }

    @Test func `a change to an entry reaches those that inherit from it, and no other`() throws {
        let text = "integrations:\n  google: {token_endpoint: https://token.example.com/t}\n"
        let changed = try catalog(text)
        #expect(changed["gmail"]?.tokenEndpoint?.text == "https://token.example.com/t")
        #expect(changed["google"] == nil)
        #expect(changed["github"] == (try Catalog()["github"]))
        #expect(changed.ids == (try Catalog().ids))
    }

    @Test func `an entry that an operator makes abstract is no integration any more`() throws {
        let hidden = try catalog(
            "integrations:\n  xero: {abstract: true}\n  ours: {inherits: xero, label: Ours}\n")
        #expect(hidden["xero"] == nil && !hidden.ids.contains("xero"))
        #expect(hidden["ours"]?.label == "Ours" && hidden.ids.contains("ours"))
    }

    @Test func `an account may be named by a callback's field that is known beforehand, and by no other`()
        throws
    {
        let shopify = try #require(try Catalog()["shopify"])
        #expect(
            shopify.account.id.flatMap(\.parts).flatMap { $0 }.compactMap(\.callbackField) == [
                "shop", "shop",
            ])
        let found = mistakes(entryText("account: {id: callback.shop}\ncallback: {fields: [shop]}"))
        #expect(found.map(\.field) == ["account.id"])
    }

    @Test(arguments: [
        ("callback: {signature: {method: sorted_hmac_sha256}}", "callback.signature.parameter"),
        ("callback: {signature: {parameter: hmac}}", "callback.signature.method"),
        ("callback: {expected: {code: x}}", "callback.expected"),
        ("callback: {expected: {shop: \"{shop}.example\"}}", "callback.expected.shop"),
        ("token: {signed_client_secret: {lifetime: 300}}", "token.signed_client_secret.audience"),
        ("token: {signed_client_secret: {audience: a, lifetime: 1}}", "token.signed_client_secret.lifetime"),
        ("token: {authentication: none, signed_client_secret: {audience: a}}", "token.signed_client_secret"),
        ("revocation_endpoint: https://example.com/r\nrevocation: {body: xml}", "revocation.body"),
        ("revocation_endpoint: https://example.com/r\nrevocation: {hint: no}", "revocation.hint"),
    ])
    func `a capability that is half described is refused where it stands`(_ extra: String, _ field: String) {
        #expect(mistakes(entryText(extra)).map(\.field) == [field])
    }

    @Test func `an abstract entry is no integration`() throws {
        #expect(try Catalog()["google"] == nil)
    }

    @Test func `gmail inherits everything from google and asks for a refresh token`() throws {
        let gmail = try #require(try Catalog()["gmail"])
        #expect(gmail.tokenEndpoint?.text == "https://oauth2.googleapis.com/token")
        let parameters = Dictionary(
            uniqueKeysWithValues: gmail.authorization.parameters.map { ($0.name, $0.value?.text) })
        #expect(parameters["access_type"] == "offline")
        #expect(parameters["prompt"] == "consent")
        #expect(parameters["include_granted_scopes"] == .some(nil))
    }

    @Test func `an operator's file adds an entry`() throws {
        #expect(try catalog(entryText())["sample"]?.label == "sample")
    }

    @Test func `an operator's file overrides an entry key by key`() throws {
        let text =
            "integrations: {gmail: {default_scopes: [mine], authorization: {parameters: {prompt: null}}}}"
        let gmail = try #require(try catalog(text)["gmail"])
        #expect(gmail.scope.defaults == ["mine"])
        #expect(gmail.label == "Gmail")
        #expect(!gmail.authorization.parameters.contains { $0.name == "prompt" })
    }

    @Test func `an override reaches the heirs`() throws {
        let text = "integrations: {google: {token_endpoint: https://example.com/token}}"
        #expect(try catalog(text)["gmail"]?.tokenEndpoint?.text == "https://example.com/token")
    }

    @Test func `replace keeps nothing of the earlier entry`() throws {
        let replaced = try catalog(entryText("replace: true", id: "slack"))["slack"]
        #expect(replaced?.scope.separator == " ")
        #expect(replaced?.label == "slack")
    }

    @Test func `what provider files may say is read`() throws {
        let integration = try #require(
            try catalog(
                entryText(
                    """
                    sandbox: true
                    auth_methods: [oauth2, app]
                    max_state_length: 500
                    refresh: {mode: none, token_lifetime: 60}
                    response: {assumed_lifetime: 3600}
                    """))["sample"])
        #expect(integration.isSandbox)
        #expect(integration.authMethods == ["oauth2", "app"])
        #expect(integration.maxStateLength == 500)
        #expect(integration.refresh.mode == .none)
        #expect(integration.response.assumedLifetime == .seconds(3600))
    }

    /// A field's keys, what the field is called in the mistake, and a part of the advice.
    static let badFields: [(String, String, String)] = [
        ("colour: red", "colour", "no such key"),
        ("token: {headres: {}}", "token.headres", "did you mean `headers`?"),
        ("autorization: {}", "autorization", "did you mean `authorization`?"),
        ("token: {authentication: none, omit: [client_id]}", "token.omit", "who the client is"),
        ("revocation: {ends: client}", "revocation", "revocation_endpoint"),
        ("scope: {mode: fixed}", "scope.mode", "lists no scopes"),
        ("account: {id: claims.sub}", "account.id", "openid"),
        ("account: {id: [claims.sub, [team.id, claims.sub]]}", "account.id", "openid"),
        ("default_scopes: [openid]\naccount: {id: claims.sub}", "account.id", "openid"),
        ("account: {id: id, label: [claims.email, claims.name]}", "account.label", "openid"),
        ("account: {id: $.data.id}", "account.id", "path"), ("account: {id: /data/id}", "account.id", "path"),
        ("account: {id: \"data[0].id\"}", "account.id", "path"),
        ("response: {fields: [\"team id\"]}", "response.fields", "path"),
        ("response: {expires_in: \"{expires_in}\"}", "response.expires_in", "path"),
        ("token: {colour: red}", "token.colour", "no such key"),
        ("token: {parameter_names: {colour: red}}", "token.parameter_names.colour", "no such key"),
        ("sandbox: yes", "sandbox", "true or false"),
        ("sandbox: \"true\"", "sandbox", "true or false"),
        ("max_state_length: many", "max_state_length", "an integer"),
        ("max_state_length: 0", "max_state_length", "an integer"),
        ("default_scopes: one", "default_scopes", "list"),
        ("default_scopes: [{a: b}]", "default_scopes", "texts"),
        ("pkce: plain", "pkce", "required, supported, none, refused"),
        ("label: [a]", "label", "text"),
        ("token: secret", "token", "mapping"),
        ("token: {authentication: private_key_jwt}", "token.authentication", "client_secret_basic"),
        ("token: {method: GET, body: json}", "token.body", "query"),
        ("token: {parameters: {code: x}}", "token.parameters", "filled by the flow"),
        ("token: {headers: {Authorization: x}}", "token.headers", "set by the request"),
        ("token: {headers: {X: \"a\\r\\nHost: b\"}}", "token.headers", "ASCII"),
        ("token: {omit: [code]}", "token.omit", "can leave out only"),
        ("authorization: {omit: [state]}", "authorization.omit", "can leave out only"),
        ("authorization: {parameters: {state: x}}", "authorization.parameters", "filled by the flow"),
        (
            "authorization: {parameters: {p: {override: false}}}", "authorization.parameters.p",
            "override: true"
        ),
        ("scope: {separator: \"&\"}", "scope.separator", "one of"),
        ("scope: {mode: none}\ndefault_scopes: [a]", "scope.mode", "none"),
        ("scope: {second_list: {parameter: user_scope}}", "scope.second_list", "prefix"),
        ("callback: {code_parameter: state}", "callback.code_parameter", "cannot carry"),
        ("callback: {fields: [access_token]}", "callback.fields", "not for keeping"),
        ("response: {access_token: a..b}", "response.access_token", "path"),
        ("sends_iss: true", "sends_iss", "issuer"),
        ("token_endpoint: http://example.com/token", "token_endpoint", "https://"),
        ("token_endpoint: http://127.0.0.1/token", "token_endpoint", "https://"),
        ("token_endpoint: https://user@example.com/", "token_endpoint", "user name"),
        ("token_endpoint: https:///token", "token_endpoint", "host name"),
        ("token_endpoint: https://a/{tenant", "token_endpoint", "template"),
        ("token_endpoint: https://a/{tenant}", "token_endpoint", "does not declare"),
        ("token_endpoint: null", "token_endpoint", "is needed"),
        ("documentation: null", "documentation", "provider's own page"),
        ("parameters: {t: {}}", "parameters.t", "stands in no template"),
        ("parameters: {_t: {}}", "parameters._t", "letters"),
        ("inherits: nobody", "inherits", "no integration `nobody`"),
        ("inherits: sample", "inherits", "sample → sample"),
        ("abstract: true", "abstract", "no entry inherits"),
        (
            "token_endpoint: null\nissuer: \"https://{t}.example.com\"\nparameters: {t: {}}", "issuer",
            "discovery"
        ),
    ]

    @Test(arguments: badFields) func `a bad field is named with what to do about it`(
        _ fields: String, _ field: String, _ advice: String
    ) throws {
        // Lines of the case come last and so would be written twice: they take the place of the standard
        // ones.
        let keys = fields.split(separator: "\n").map { $0.prefix { $0 != ":" } + ":" }
        let text = entryText(fields).split(separator: "\n")
        let kept = text.enumerated().filter { line in
            line.offset >= 5 || !keys.contains { line.element.drop { $0 == " " }.hasPrefix($0) }
        }
        let found = mistakes(kept.map(\.element).joined(separator: "\n"))
        let mistake = try #require(found.first { $0.field == field }, "\(found)")
        #expect(mistake.advice.contains(advice), "\(mistake)")
        #expect(mistake.entry == "sample")
        #expect(mistake.file == "file0.yaml")
        #expect(mistake.line > 1)
    }

    @Test(arguments: [
        ("{t: {pattern: \"[\"}}", "https://{t}.example.com", "parameters.t.pattern"),
        ("{t: {default: a.b}}", "https://{t}.example.com", "parameters.t.default"),
        ("{t: {default: abc, pattern: \"[0-9]+\"}}", "https://{t}.example.com", "parameters.t.default"),
        ("{t: {kind: segment}}", "https://{t}.example.com", "token_endpoint"),
        ("{t: {kind: host}}", "https://{t}.example.com", "token_endpoint"),
        ("{t: {kind: host}}", "https://example.com/{t}", "token_endpoint"),
        ("{t: {}}", "https://example.{t}", "token_endpoint"),
        ("{t: {}}", "https://{t}/", "token_endpoint"),
        ("{t: {}}", "{t}://example.com/", "token_endpoint"),
        ("{t: {}}", "https://example.com:{t}/", "token_endpoint"),
        ("{t: {from: callback.f}}", "https://{t}.example.com", "parameters.t.from"),
        ("{t: {from: callback.f, pattern: a}}", "https://{t}.example.com", "callback.fields"),
        ("{t: {kind: anything}}", "https://{t}.example.com", "parameters.t.kind"),
    ]) func `S19 a template that could move the host is refused`(
        _ parameters: String, _ url: String, _ field: String
    ) throws {
        let text = """
            integrations:
              sample:
                documentation: https://example.com/docs
                authorization_endpoint: https://example.com/authorize
                token_endpoint: "\(url)"
                parameters: \(parameters)
                token: {authentication: none}
            """
        let found = mistakes(text)
        #expect(found.contains { $0.field == field }, "\(found)")
    }

    @Test(arguments: [
        "account: {id: claims.sub}\nrequired_scopes: [openid]",
        "account: {id: claims.sub}\ndefault_scopes: [openid]\nscope: {mode: fixed}",
        "account: {id: claims.sub}\nauthorization: {nonce: always}",
        "account: {id: claims.sub}\nconfigured_endpoints: true", "account: {id: [claims.sub, user.id]}",
        "account: {id: id, label: [claims.email, name]}", "account: {id: [user|claims.sub]}",
        "revocation_endpoint: https://example.com/revoke\nrevocation: {ends: client}",
        "token: {omit: [client_id]}", "response: {fields: [team.id, accounts-server, \"@odata.id\"]}",
    ]) func `what makes sense is taken`(_ rules: String) {
        #expect(mistakes(entryText(rules)) == [])
    }

    @Test func `all mistakes of all files are reported at once`() {
        let found = mistakes(entryText("a: 1\nb: 2"), entryText("c: 3", id: "other"), "integrations: [")
        #expect(Set(found.map(\.file)) == ["file0.yaml", "file1.yaml", "file2.yaml"])
        #expect(Set(found.compactMap(\.field)) == ["a", "b", "c"])
    }

    @Test func `a mistake in a parent is reported once, where it is written`() {
        let found = mistakes("integrations: {google: {colour: red}, twin: {inherits: google}}")
        #expect(found.map(\.entry) == ["google"])
        #expect(found.first?.description.hasPrefix("file0.yaml:1: integrations.google.colour: ") == true)
    }

    @Test func `a circle of inheritance is shown`() {
        let text = "integrations: {a: {inherits: b}, b: {inherits: c}, c: {inherits: a}}"
        #expect(mistakes(text).contains { $0.advice.contains("a → b → c → a") })
    }

    @Test(arguments: [
        "integrations: [", "integrations: {a: 1}", "integrations: 3", "other: {}", "- a", "\"text\"",
        "integrations: {A: {}}", "integrations: {a: {}, a: {}}", "--- {}\n--- {}", "integrations: {[a]: {}}",
        "integrations: {x: *nothing}", "integrations: {\"\": {}}", "\u{0}",
    ]) func `a text that is no catalog is refused`(_ text: String) {
        #expect(!mistakes(text).isEmpty)
    }

    @Test(arguments: ["", "# nothing yet", "integrations: {}", "integrations:"])
    func `an empty catalog file is fine`(_ text: String) {
        #expect(mistakes(text).isEmpty)
    }

    @Test func `S28 nesting and size are bounded`() {
        #expect(!mistakes(String(repeating: "[", count: 900)).isEmpty)
        #expect(!mistakes(String(repeating: "- ", count: 100_000)).isEmpty)
        #expect(
            !mistakes(
                "integrations: {a: " + String(repeating: "[", count: 20) + String(repeating: "]", count: 20)
                    + "}"
            ).isEmpty)
        #expect(!mistakes(String(repeating: "# \n", count: 400_000)).isEmpty)
    }

    @Test func `S28 aliases cannot stand for a billion nodes`() {
        var text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for (name, earlier) in zip("bcdefghi", "abcdefgh") {
            let list = Array(repeating: "*\(earlier)", count: 10).joined(separator: ", ")
            text += "\(name): &\(name) [\(list)]\n"
        }
        #expect(!mistakes(text).isEmpty)
    }
}
