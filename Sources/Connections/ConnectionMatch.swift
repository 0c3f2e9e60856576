import Cryptography
import Encodings

/// The connections that a new one would be a second one of: those of the same workspace, user, integration, client and
/// account.
///
/// Where a flow names no user, only rows without one match, and only those with its tags: an app that names no users tells
/// its customers apart by them.
package struct ConnectionMatch: Sendable, Hashable {
    package let workspaceID: String
    package let userID: String?
    package let integrationID: String
    package let client: ClientFingerprint
    package let accountID: String
    private let scope: AccountScope
    private let tenant: AccountTenant
    /// `nil`: whatever they are.
    private let tags: [String: String]?

    /// - Returns: `nil` where the connection is to be made whatever there is, or where its account or client is not known:
    ///   what is not known is no other's.
    package init?(_ connection: NewConnection) {
        guard let scope = connection.renewsWithin, let account = connection.terms.account,
            let client = connection.terms.facts.client
        else { return nil }
        workspaceID = connection.workspaceID
        userID = connection.userID
        integrationID = connection.integrationID
        self.client = client
        accountID = account.id
        self.scope = scope
        tenant = scope.tenant(of: connection.terms.config)
        tags = connection.userID == nil ? connection.tags : nil
    }

    /// Whether a row can match it at all.
    package var isStorable: Bool {
        [workspaceID, userID, integrationID, accountID].allSatisfy { $0?.isStorable ?? true }
    }

    /// Octet by octet, as stores compare.
    func isMatched(by connection: Connection) -> Bool {
        connection.workspaceID.isSame(as: workspaceID) && connection.userID.isSame(as: userID)
            && connection.integrationID.isSame(as: integrationID) && connection.facts.client == client
            && (connection.account?.id).isSame(as: accountID)
            && scope.tenant(of: connection.config) == tenant && tags.map { $0 == connection.tags } ?? true
    }

    /// The newest of rows that are in this order; those that cannot be read are passed by.
    package func newest(of rows: [ListedRow<Connection>]) -> Connection? {
        for case .success(let connection) in rows.lazy.map(\.record) where isMatched(by: connection) {
            return connection
        }
        return nil
    }

    /// A number for a lock that keeps two flows of one account apart; different ones are hardly ever the same.
    package var lockKey: Int64 {
        var writer = OctetWriter()
        writer.append(text: "symbolon/connection-match/1")
        writer.append(text: workspaceID)
        writer.append(text: userID == nil ? "0" : "1")
        writer.append(text: userID ?? "")
        writer.append(text: integrationID)
        writer.append(text: accountID)
        return SHA256.digest(writer.octets.span).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }
}

extension String {
    fileprivate func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension Optional<String> {
    fileprivate func isSame(as other: String?) -> Bool {
        guard let self, let other else { return self == nil && other == nil }
        return self.utf8.elementsEqual(other.utf8)
    }
}
