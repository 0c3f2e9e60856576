/// The call that tells whether an access token is good.
package struct VerificationRules: Sendable, Hashable {
    package let call: AccountLookup
    /// Where a response with a 2xx says that the token is rejected all the same; empty: nowhere.
    package let error: [ResponsePath]
}

extension VerificationRules {
    private static let key = "verification"

    init?(
        _ entry: SectionReader, parameters: [TemplateParameter], callback: CallbackRules,
        response: ResponseRules, tokenEndpoint: URLTemplate?, allowsInsecureLoopback: Bool
    ) {
        guard entry.node(Self.key) != nil else { return nil }
        let section = entry.section(Self.key)
        error = section.paths("error") ?? []
        let call = AccountLookup(
            section, parameters: parameters, kept: AccountRules.kept(callback, response),
            tokenEndpoint: tokenEndpoint, allowsInsecureLoopback: allowsInsecureLoopback)
        guard let call else { return nil }
        self.call = call
    }
}
