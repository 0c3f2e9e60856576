import StateTokens

extension CredentialsRecord {
    /// The columns of the table `credentials`, in one order for the statements of every store.
    package static let columns: [StoredColumn] = [
        StoredColumn("connection_id", .text), StoredColumn("sealed", .octets),
        StoredColumn("key_id", .integer), StoredColumn("refresh_owner", .octets),
        StoredColumn("refresh_ends_at_ms", .integer),
    ]

    /// One for each column.
    package var values: [StoredValue] {
        let hold: [StoredValue] =
            switch hold {
            case .lease(let owner, let end): [.octets(owner.octets), .integer(end.millisecondsSinceEpoch)]
            // Without an owner it is a cooldown that ends.
            case .cooldown(let end): [.null, .integer(end.millisecondsSinceEpoch)]
            case nil: [.null, .null]
            }
        return [
            .text(connectionID.description), .octets(credentials.octets),
            .integer(Int64(credentials.keyID.rawValue)),
        ] + hold
    }

    package init(_ row: inout ColumnReader) throws(RowFault) {
        let id = try row.value { ConnectionID($0) }
        let octets = try row.octets()
        let keyID = try row.integer(in: 0...Int64(UInt32.max))
        let owner = try row.optionalOctets()
        var hold: Hold?
        if let owner {
            guard let owner = LeaseOwner(octets: owner) else { throw row.fault(.malformed) }
            let end = try row.integer()
            hold = .lease(owner, until: DatabaseTime(millisecondsSinceEpoch: end))
        } else if let end = try row.optionalInteger() {
            hold = .cooldown(until: DatabaseTime(millisecondsSinceEpoch: end))
        }
        self.init(
            connectionID: id,
            credentials: SealedCredentials(
                octets: octets, keyID: KeyID(rawValue: UInt32(truncatingIfNeeded: keyID))),
            hold: hold)
    }
}
