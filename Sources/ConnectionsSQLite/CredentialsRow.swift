import Connections
import FoundationEssentials
import GRDB
import StateTokens

/// A connection's sealed credentials as the table holds them.
struct CredentialsRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "credentials"

    enum CodingKeys: String, CodingKey, ColumnExpression {
        case connectionID = "connection_id"
        case sealed
        case keyID = "key_id"
        case refreshOwner = "refresh_owner"
        case refreshEndsAt = "refresh_ends_at_ms"
    }

    let connectionID: String
    private let sealed: Data
    private let keyID: UInt32
    /// Without an owner, `refreshEndsAt` ends a cooldown.
    private let refreshOwner: Data?
    private let refreshEndsAt: Int64?

    init(_ record: CredentialsRecord) {
        connectionID = record.connectionID.description
        sealed = Data(record.credentials.octets)
        keyID = record.credentials.keyID.rawValue
        switch record.hold {
        case .lease(let owner, let end):
            refreshOwner = Data(owner.octets)
            refreshEndsAt = end.millisecondsSinceEpoch
        case .cooldown(let end):
            refreshOwner = nil
            refreshEndsAt = end.millisecondsSinceEpoch
        case nil:
            refreshOwner = nil
            refreshEndsAt = nil
        }
    }

    func record() throws(StoreError) -> CredentialsRecord {
        guard let id = ConnectionID(connectionID) else {
            throw .corrupt(reason: "credentials that make no sense")
        }
        return CredentialsRecord(
            connectionID: id,
            credentials: SealedCredentials(octets: Array(sealed), keyID: KeyID(rawValue: keyID)),
            hold: try hold())
    }

    private func hold() throws(StoreError) -> CredentialsRecord.Hold? {
        guard let refreshEndsAt else { return nil }
        let end = DatabaseTime(millisecondsSinceEpoch: refreshEndsAt)
        guard let refreshOwner else { return .cooldown(until: end) }
        guard let owner = LeaseOwner(octets: Array(refreshOwner)) else {
            throw .corrupt(reason: "a lease that makes no sense")
        }
        return .lease(owner, until: end)
    }
}
