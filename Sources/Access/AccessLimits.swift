/// What a credential is limited to within its workspaces. An empty list sets no limit.
package struct AccessLimits: Sendable, Equatable {
    /// What can be limited, by its name in the file of API keys.
    package enum Limit: String, Sendable, CaseIterable {
        case integrations
        case connections
        case users
        /// What flows may ask for, and what an access token that is handed out may be good for.
        case scopes
    }

    package let integrationIDs: [String]
    package let connectionIDs: [String]
    package let userIDs: [String]
    package let scopes: [String]

    package init(
        integrationIDs: [String] = [], connectionIDs: [String] = [], userIDs: [String] = [],
        scopes: [String] = []
    ) {
        self.integrationIDs = integrationIDs
        self.connectionIDs = connectionIDs
        self.userIDs = userIDs
        self.scopes = scopes
    }

    package subscript(limit: Limit) -> [String] {
        switch limit {
        case .integrations: integrationIDs
        case .connections: connectionIDs
        case .users: userIDs
        case .scopes: scopes
        }
    }

    package var isEmpty: Bool { Limit.allCases.allSatisfy { self[$0].isEmpty } }

    /// Whether something is beyond a limit; what has no name is beyond each that is set.
    package func excludes(_ name: String?, by limit: Limit) -> Bool {
        let names = self[limit]
        guard !names.isEmpty else { return false }
        // By octets: strings that Unicode calls equivalent name different users.
        return name.map { name in !names.contains { $0.utf8.elementsEqual(name.utf8) } } ?? true
    }

    /// The first limit that any of these is beyond.
    package func breach(integrationID: String?, connectionID: String?, userID: String?) -> Limit? {
        if excludes(integrationID, by: .integrations) { return .integrations }
        if excludes(connectionID, by: .connections) { return .connections }
        return excludes(userID, by: .users) ? .users : nil
    }
}

/// How far a credential reaches within its workspaces: a single word, so that one without limits is copied as before.
package enum CredentialReach: Sendable, Equatable {
    case unlimited
    indirect case limited(AccessLimits)

    package init(_ limits: AccessLimits) { self = limits.isEmpty ? .unlimited : .limited(limits) }

    /// `nil`: none.
    package var limits: AccessLimits? {
        switch self {
        case .unlimited: nil
        case .limited(let limits): limits
        }
    }
}
