internal import ConnectPages

extension ConsentPage {
    init(_ consent: SandboxConsent, clientID: String) {
        let request = consent.request
        self.init(
            account: SandboxAccount.email, clientID: clientID, redirectURI: request.redirectURI,
            scopes: request.scopes.map { Scope(name: $0.rawValue, meaning: $0.meaning) },
            fields: [
                Field(name: "client_id", value: clientID),
                Field(name: "redirect_uri", value: request.redirectURI),
                Field(name: "response_type", value: "code"),
                Field(name: "scope", value: request.scopes.text),
                Field(name: "state", value: request.state),
                Field(name: "code_challenge", value: request.codeChallenge),
                Field(name: "code_challenge_method", value: "S256"),
                Field(name: "one_time_value", value: consent.oneTimeValue),
            ])
    }
}
