#if PostgreSQL
import Connections
import StateTokens

/// The columns of the table of credentials, in one order for all statements.
enum CredentialsColumns {
    private static let names = [
        "connection_id", "sealed", "key_id", "refresh_owner", "refresh_ends_at_ms",
    ]

    static let list = names.joined(separator: ", ")
    static let qualifiedList = names.map { "credentials.\($0)" }.joined(separator: ", ")
    static let placeholders = (1...names.count).map { "$\($0)" }.joined(separator: ", ")
    static let assignments = zip(names, 1...).dropFirst().map { "\($0) = $\($1)" }.joined(separator: ", ")

    static func parameters(of record: CredentialsRecord) -> [Parameter] {
        let hold: [Parameter] =
            switch record.hold {
            case .lease(let owner, let end):
                [.octets(owner.octets), .integer(end.millisecondsSinceEpoch)]
            // Without an owner it is a cooldown that ends.
            case .cooldown(let end): [.null, .integer(end.millisecondsSinceEpoch)]
            case nil: [.null, .null]
            }
        return [
            .text(record.connectionID.description), .octets(record.credentials.octets),
            .integer(Int64(record.credentials.keyID.rawValue)),
        ] + hold
    }

    static func record(_ row: inout RowReader) throws(StoreError) -> CredentialsRecord {
        guard let text = try row.optionalText() else {
            throw .corrupt(reason: "a connection without credentials")
        }
        let octets = try row.octets()
        let keyID = UInt32(exactly: try row.integer())
        let owner = try row.optionalOctets()
        let end = try row.optionalInteger().map { DatabaseTime(millisecondsSinceEpoch: $0) }
        guard let id = ConnectionID(text), let keyID else {
            throw .corrupt(reason: "credentials that make no sense")
        }
        return CredentialsRecord(
            connectionID: id,
            credentials: SealedCredentials(octets: octets, keyID: KeyID(rawValue: keyID)),
            hold: try hold(owner, end))
    }

    private static func hold(
        _ owner: [UInt8]?, _ end: DatabaseTime?
    ) throws(StoreError) -> CredentialsRecord.Hold? {
        guard let end else { return nil }
        guard let owner else { return .cooldown(until: end) }
        guard let owner = LeaseOwner(octets: owner) else {
            throw .corrupt(reason: "a lease that makes no sense")
        }
        return .lease(owner, until: end)
    }
}
#endif
