/// The page on which the sandbox asks its user.
struct ConsentPage: Sendable {
    struct Field: Sendable {
        let name: String
        let value: String
    }

    struct Scope: Sendable {
        let name: String
        let meaning: String
    }

    let title = "Connect a sandbox account?"
    let account = SandboxAccount.email
    let clientID: String
    let redirectURI: String
    let scopes: [Scope]
    /// The request again, and the page's one-time value.
    let fields: [Field]

    init(_ consent: SandboxConsent, clientID: String) {
        let request = consent.request
        self.clientID = clientID
        redirectURI = request.redirectURI
        scopes = request.scopes.map { Scope(name: $0.rawValue, meaning: $0.meaning) }
        fields = [
            Field(name: "client_id", value: clientID),
            Field(name: "redirect_uri", value: request.redirectURI),
            Field(name: "response_type", value: "code"),
            Field(name: "scope", value: request.scopes.text),
            Field(name: "state", value: request.state),
            Field(name: "code_challenge", value: request.codeChallenge),
            Field(name: "code_challenge_method", value: "S256"),
            Field(name: "one_time_value", value: consent.oneTimeValue),
        ]
    }
}

extension Pages {
    func consent(_ page: ConsentPage) -> Page { render(.consent, page) }
}

extension PageTemplate {
    static let consent = PageTemplate(
        "consent",
        """
        {{<layout}}{{$content}}
        <h1>{{title}}</h1>
        <p><strong>{{clientID}}</strong> asks for access to <strong>{{account}}</strong>, the sandbox’s only
        account. It is built in to try flows out; nothing here is real.</p>
        <h2>It asks to</h2>
        <ul>
        {{#scopes}}
        <li>{{meaning}} <code>{{name}}</code></li>
        {{/scopes}}
        </ul>
        <dl>
        <dt>Your answer goes to</dt>
        <dd><code>{{redirectURI}}</code></dd>
        </dl>
        <form method="post" action="authorize">
        {{#fields}}
        <input type="hidden" name="{{name}}" value="{{value}}">
        {{/fields}}
        <div class="answers">
        <button type="submit" name="answer" value="allow">Allow</button>
        <button type="submit" name="answer" value="deny" class="no">Deny</button>
        </div>
        </form>
        {{/content}}{{/layout}}
        """)
}
