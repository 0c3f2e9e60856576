import Connections
import FoundationEssentials
import GRDB
import StateTokens

/// A connection's sealed credentials, and who is refreshing them.
struct CredentialsRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "credentials"

    private enum CodingKeys: String, CodingKey {
        case connectionID = "connection_id"
        case sealed
        case keyID = "key_id"
        case refreshOwner = "refresh_owner"
        case refreshEndsAt = "refresh_ends_at_ms"
    }

    let connectionID: String
    private var sealed: Data
    private var keyID: UInt32
    /// Without an owner, `refreshEndsAt` ends a cooldown.
    private var refreshOwner: Data?
    private var refreshEndsAt: Int64?

    init(_ credentials: SealedCredentials, of id: ConnectionID) {
        connectionID = id.description
        sealed = Data(credentials.octets)
        keyID = credentials.keyID.rawValue
    }

    /// Every connection has credentials, from the transaction that made it to the one that deletes it.
    static func find(_ id: ConnectionID, in database: Database) throws -> CredentialsRow {
        guard let row = try fetchOne(database, key: id.description) else {
            throw StoreError.corrupt(reason: "a connection without credentials")
        }
        return row
    }

    var credentials: SealedCredentials {
        SealedCredentials(octets: Array(sealed), keyID: KeyID(rawValue: keyID))
    }

    /// Puts new credentials in, and ends whatever refresh of the old ones was under way.
    mutating func replace(with credentials: SealedCredentials) {
        self = CredentialsRow(replacing: self, with: credentials)
    }

    /// Puts the same credentials in, sealed under another key; whoever is refreshing them goes on.
    mutating func reseal(as credentials: SealedCredentials) {
        sealed = Data(credentials.octets)
        keyID = credentials.keyID.rawValue
    }

    private init(replacing old: CredentialsRow, with credentials: SealedCredentials) {
        connectionID = old.connectionID
        sealed = Data(credentials.octets)
        keyID = credentials.keyID.rawValue
    }
}

extension CredentialsRow {
    /// What keeps a refresh from beginning now.
    func obstacle(at now: DatabaseTime) -> RefreshStart? {
        guard let refreshEndsAt else { return nil }
        let end = DatabaseTime(millisecondsSinceEpoch: refreshEndsAt)
        guard end > now else { return nil }
        let remaining = end.remaining(at: now)
        return refreshOwner == nil ? .coolingDown(remaining: remaining) : .busy(remaining: remaining)
    }

    func isLeased(to owner: LeaseOwner) -> Bool { refreshOwner == Data(owner.octets) }

    mutating func lease(to owner: LeaseOwner, until end: DatabaseTime) {
        refreshOwner = Data(owner.octets)
        refreshEndsAt = end.millisecondsSinceEpoch
    }

    mutating func coolDown(until end: DatabaseTime) {
        refreshOwner = nil
        refreshEndsAt = end.millisecondsSinceEpoch
    }
}
