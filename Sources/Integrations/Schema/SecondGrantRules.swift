/// One of the grants that a token response brings.
package enum GrantPart: Sendable, Hashable {
    /// The one that every token response has.
    case first
    /// A second one beside it, such as a user's beside an app's own.
    case second
}

/// How a second grant ends at the provider.
package enum SecondGrantEnd: String, Sendable, CaseIterable {
    /// By a revocation of its own.
    case own
    /// By the first grant's revocation.
    case first
}

/// Where a token response keeps a second grant.
package struct SecondGrantRules: Sendable, Hashable {
    package let accessToken: [ResponsePath]
    package let refreshToken: [ResponsePath]
    package let tokenType: [ResponsePath]
    package let expiresIn: [ResponsePath]
    package let expiresAt: [ResponsePath]
    package let scope: [ResponsePath]
    package let revocation: SecondGrantEnd
}

extension SecondGrantRules {
    private static let key = "second_grant"

    /// - Parameter first: where the first grant's access token lies.
    init?(_ response: SectionReader, besides first: [ResponsePath]) {
        guard response.node(Self.key) != nil else { return nil }
        let section = response.section(Self.key)
        let token = section.paths("access_token") ?? []
        /// By default beside the access token.
        func paths(_ key: String) -> [ResponsePath] {
            section.paths(key) ?? token.map { $0.sibling(key) }
        }
        accessToken = token
        refreshToken = paths("refresh_token")
        tokenType = paths("token_type")
        expiresIn = paths("expires_in")
        expiresAt = paths("expires_at")
        scope = paths("scope")
        revocation = section.choice("revocation", of: SecondGrantEnd.self) ?? .own
        if section.node("access_token") == nil { section.report("is needed", "access_token") }
        if let path = first.first, token.contains(path) {
            section.report("names the path of the first grant's token", "access_token")
        }
        section.finish()
    }
}

extension ResponsePath {
    /// What lies beside it under another name.
    fileprivate func sibling(_ name: String) -> ResponsePath {
        ResponsePath(names.dropLast().map { $0 + "." }.joined() + name) ?? ResponsePath(name: name)
    }
}

extension ResponseRules {
    /// How the response to a refresh of the second grant is read where it lies in its own place.
    package var ofSecondGrant: ResponseRules? {
        second.map { ResponseRules(self, readingAs: $0) }
    }

    private init(_ rules: ResponseRules, readingAs grant: SecondGrantRules) {
        accessToken = grant.accessToken
        refreshToken = grant.refreshToken
        tokenType = grant.tokenType
        expiresIn = grant.expiresIn
        expiresAt = grant.expiresAt
        refreshTokenExpiresIn = []
        scope = grant.scope
        idToken = []
        error = rules.error
        errorDescription = rules.errorDescription
        successValues = rules.successValues
        invalidGrantCodes = rules.invalidGrantCodes
        assumedLifetime = rules.assumedLifetime
        fields = []
        second = nil
    }
}
