import ConnectService
import OAuth
import Testing

/// The entries that come with the program and take values into their URLs.
@Suite("Template parameters of the embedded catalog") struct EmbeddedTemplateTests {
    private let deployment: Deployment

    init() throws { deployment = try Deployment() }

    private func url(_ id: String, _ parameters: [String: String]) throws(InitiateError) -> String {
        try deployment.begin(
            InitiateCommand(
                integrationID: id, redirectURI: Deployment.redirectURI, parameters: parameters)
        ).authorizationURL
    }

    @Test(arguments: [
        "attacker.example/", "a.b", "a@b", "a%2e", "a%2eb", "a\u{3002}b", "a\u{FF0E}b", "a\u{FF61}b",
        "acme.myshopify.com", "acme#", "acme?", "acme\\", "acme:443", "//evil", "acme ", " acme", "acme\n",
        "acme\t", "", "-acme", "acme_shop", "ác", "acme/../..", "%61cme", "{shop}",
    ])
    func `S19 a shop cannot leave its label`(_ shop: String) {
        #expect {
            _ = try url("shopify", ["shop": shop])
        } throws: { error in
            guard case InitiateError.invalidParameter(name: "shop", _) = error else { return false }
            return true
        }
    }

    @Test(
        arguments: [
            "attacker.example", "login.salesforce.com.evil.example", "evilsalesforce.com", "salesforce.com",
            "acme.salesforce.com", "my.salesforce.com", "acme.my.salesforce.com/x",
            "acme.my.salesforce.com@evil.example", "evil.example#.my.salesforce.com",
            "evil.example/.my.salesforce.com", "login.salesforce.com:444", "login\u{3002}salesforce.com",
            "127.0.0.1", "localhost", "http://login.salesforce.com", "acme.b.c.my.salesforce.com", "",
        ])
    func `S19 a login host is the provider's own`(_ host: String) {
        #expect(throws: InitiateError.self) { try url("salesforce", ["instance": host]) }
    }

    @Test func `values of the right form are taken, and defaults stand in`() throws {
        #expect(
            try url("shopify", ["shop": "Acme-2"]).hasPrefix(
                "https://Acme-2.myshopify.com/admin/oauth/authorize?"))
        #expect(
            try url("salesforce", [:]).hasPrefix("https://login.salesforce.com/services/oauth2/authorize?"))
        for host in [
            "test.salesforce.com", "acme.my.salesforce.com", "acme--dev.sandbox.my.salesforce.com",
            "https://acme.my.salesforce.com/",
        ] {
            #expect(
                try url("salesforce", ["instance": host]).contains(
                    "salesforce.com/services/oauth2/authorize?"))
        }
    }

    @Test func `S19 a callback of another shop's is refused before anything is sent`() throws {
        let flow = try deployment.begin(
            InitiateCommand(
                integrationID: "shopify", redirectURI: Deployment.redirectURI, parameters: ["shop": "acme"]))
        for query in [
            "code=c&shop=evil.myshopify.com", "code=c", "code=c&shop=acme.myshopify.com",
            "code=c&shop=acme.myshopify.com&hmac=00", "code=c&shop=acme.myshopify.com&hmac=",
        ] {
            #expect(
                deployment.refusal("\(query)&state=\(flow.state)", on: "shopify") == .wrongIssuer(.unsigned),
                "\(query)")
        }
    }
}
