package import StateTokens

/// What a look at a store found. The look changes nothing, and its tables may be an older version's.
package struct StoreInspection: Sendable {
    /// A connection that is of no use: its row cannot be read, or its credentials do not open.
    package struct Fault: Sendable {
        package enum Reason: Sendable {
            case unreadable(RowFault)
            case unopened(CredentialError, under: KeyID)
        }

        /// `nil` if the row's id is none of ours.
        package let connectionID: ConnectionID?
        package let reason: Reason
    }

    /// The newest version of the tables that was made; 0 if there are none.
    package let version: Int
    /// How many newer versions this program has.
    package let pendingCount: Int
    /// What the database's own check found wrong; `nil` where its server does that.
    package let problems: [String]?
    package private(set) var connectionCount = 0
    package private(set) var keysInUse = KeysInUse()
    package private(set) var openedCount = 0
    package private(set) var faults: [Fault] = []

    package init(version: Int, pendingCount: Int, problems: [String]?) {
        self.version = version
        self.pendingCount = pendingCount
        self.problems = problems
    }

    /// How many rows were looked at.
    package var sampleCount: Int { openedCount + faults.count }
}

extension StoreInspection {
    /// Which rows are opened, and with what.
    package struct Sample: Sendable {
        /// More than that are read in batches, which only all rows are.
        package static let largest = 10_000

        /// How many rows, chosen at random; `nil`: all.
        let count: Int?
        let sealer: CredentialSealer

        package init(count: Int?, keyring: Keyring) {
            self.count = count.map { min($0, Self.largest) }
            sealer = CredentialSealer(Sealer(KeyringReference(keyring)))
        }
    }

    /// Counts the rows, and opens those of the sample.
    ///
    /// - Parameter sample: `nil` opens none.
    package mutating func read(_ transaction: some StoreTransaction, opening sample: Sample?) throws {
        guard
            case .integer(let count)? = try transaction.rows("SELECT count(*) FROM connections", []).first?
                .first
        else { throw StoreError.corrupt(reason: "the connections cannot be counted") }
        connectionCount = Int(clamping: count)
        keysInUse = try transaction.keysInUse()
        guard let sample else { return }
        let selected = """
            SELECT \(transaction.selection(connectionColumns, of: "connections")),
                \(transaction.selection(credentialsColumns, of: "credentials"))
            FROM connections LEFT JOIN credentials ON credentials.connection_id = connections.id
            """
        if let count = sample.count {
            let values = try transaction.rows(
                """
                \(selected) WHERE connections.id IN (SELECT id FROM connections ORDER BY random() LIMIT ?1)
                """, [.integer(Int64(count))])
            for row in values { _ = open(row, with: sample.sealer) }
            return
        }
        var last = ""
        while true {
            let values = try transaction.rows(
                "\(selected) WHERE connections.id > ?1 ORDER BY connections.id LIMIT ?2",
                [.text(last), .integer(Self.batchCount)])
            let ids = values.map { open($0, with: sample.sealer) }
            // A row whose id is no text ends the look: what comes after it cannot be asked for.
            guard ids.count == Self.batchCount, let id = ids.last ?? nil else { return }
            last = id
        }
    }

    private static var batchCount: Int64 { 500 }

    private var isCurrent: Bool { pendingCount == 0 }

    /// Of older tables only what every version has, and what is needed to open credentials.
    private var connectionColumns: [StoredColumn] {
        isCurrent ? Connection.columns : [StoredColumn("id", .text), StoredColumn("workspace_id", .text)]
    }

    private var credentialsColumns: [StoredColumn] {
        isCurrent
            ? CredentialsRecord.columns : [StoredColumn("sealed", .octets), StoredColumn("key_id", .integer)]
    }

    /// - Returns: the row's id, if it is a text.
    private mutating func open(_ values: [StoredValue], with sealer: CredentialSealer) -> String? {
        let row = ListedRow(connectionColumns + credentialsColumns, values) {
            [isCurrent] row throws(RowFault) in
            try SealedRow(&row, isCurrent: isCurrent)
        }
        switch row.record {
        case .success(let sealed):
            do throws(CredentialError) {
                _ = try sealer.open(sealed.credentials, at: sealed.location)
                openedCount += 1
            } catch {
                faults.append(
                    Fault(
                        connectionID: sealed.location.connectionID,
                        reason: .unopened(error, under: sealed.credentials.keyID)))
            }
        case .failure(let error):
            faults.append(Fault(connectionID: error.id, reason: .unreadable(error.fault)))
        }
        return row.position?.id
    }
}

/// What is needed of a row to open its credentials.
private struct SealedRow: Sendable {
    let location: CredentialLocation
    let credentials: SealedCredentials

    /// - Parameter isCurrent: whether the row has all columns, which are read then, too.
    init(_ row: inout ColumnReader, isCurrent: Bool) throws(RowFault) {
        if isCurrent {
            let record = try SealedRecord(&row)
            location = CredentialLocation(
                workspaceID: record.connection.workspaceID, connectionID: record.connection.id)
            credentials = record.credentials.credentials
        } else {
            let id = try row.value { ConnectionID($0) }
            location = CredentialLocation(workspaceID: try row.text(), connectionID: id)
            let octets = try row.octets()
            let keyID = try row.integer(in: 0...Int64(UInt32.max))
            credentials = SealedCredentials(
                octets: octets, keyID: KeyID(rawValue: UInt32(truncatingIfNeeded: keyID)))
        }
    }
}
