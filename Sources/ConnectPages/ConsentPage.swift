/// The page on which the sandbox asks its user.
package struct ConsentPage: Sendable {
    /// A hidden field of the form.
    package struct Field: Sendable {
        let name: String
        let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A scope, and what it allows.
    package struct Scope: Sendable {
        let name: String
        let meaning: String

        package init(name: String, meaning: String) {
            self.name = name
            self.meaning = meaning
        }
    }

    let title = "Connect a sandbox account?"
    let account: String
    let clientID: String
    let redirectURI: String
    let scopes: [Scope]
    let fields: [Field]

    /// - Parameter fields: the request again, and the page's one-time value.
    package init(
        account: String, clientID: String, redirectURI: String, scopes: [Scope], fields: [Field]
    ) {
        self.account = account
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.fields = fields
    }
}

extension Pages {
    package func consent(_ page: ConsentPage) -> Page { render(.consent, page) }
}
