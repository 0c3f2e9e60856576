package import StateTokens

/// The rows of a store, as one transaction of its database reads and writes them.
///
/// This is all that two kinds of database do differently; what the calls of `ConnectionStore` make of rows is
/// in `TransactionalStore`, once for all.
///
/// In a transaction that writes, a row that was read stays locked to its end. In one that only reads, each
/// call sees a moment of its own.
package protocol StoreTransaction {
    /// The moment of the transaction, on the database's clock; ask after what it is compared with was read.
    func now() throws -> DatabaseTime

    func claim(of flow: FlowID) throws -> Claim?
    /// The same, and at most `limit` rows of the same workspace, user, integration, client and account, the newest first,
    /// readable or not. Other transactions that look for the same wait to the end of this one.
    func claim(
        of flow: FlowID, lookingFor match: ConnectionMatch, limit: Int
    ) throws -> (claim: Claim?, rows: [ListedRow<Connection>])
    /// - Returns: `false` if the flow has a claim by now; nothing was written then.
    func insert(_ claim: Claim, of flow: FlowID) throws -> Bool
    func update(_ claim: Claim, of flow: FlowID) throws
    /// Deletes claims that were to be kept until `end` or less, the oldest first, and says how many.
    func deleteClaims(keptUntil end: DatabaseTime, limit: Int) throws -> Int

    /// - Throws: `StoreError.unreadable` for a row that cannot be read; so does the next.
    func connection(_ id: ConnectionID, workspaceID: String) throws -> Connection?
    func sealedConnection(_ id: ConnectionID, workspaceID: String) throws -> SealedRecord?
    /// At most `limit` rows in the order of `ConnectionStore.connections(matching:)`, readable or not; the
    /// query's own limit, cursor and skip do not count here.
    func connections(
        matching query: ConnectionQuery, after position: RowPosition?, skip: Int, limit: Int
    ) throws -> [ListedRow<Connection>]
    /// Keeps every other transaction that asks for it waiting to the end of this one: of two deletions that share a
    /// grant the later one sees what the first has done.
    func lockDeletions(by client: ClientFingerprint) throws
    /// At most `limit` rows with the columns of ``SharerRow`` that may live by the grant, whatever they look like and at
    /// whatever server or tenant, in the order of their ids.
    /// - Parameter id: begins after the row with this one.
    func sharerRows(of grant: GrantOwner, after id: [UInt8]?, limit: Int) throws -> [[StoredValue]]
    /// - Returns: `false` if the id is taken; nothing was written then.
    func insert(_ record: SealedRecord) throws -> Bool
    /// The same for each of many. Of two with one id the first is inserted.
    func insert(_ records: [SealedRecord]) throws -> [Bool]
    func update(_ connection: Connection) throws
    func update(_ credentials: CredentialsRecord) throws
    /// Deletes a row, readable or not. The credentials go with it.
    func delete(_ id: ConnectionID) throws

    /// At most `limit` rows of all workspaces that are to be looked at by `end`, those due longest first, readable or
    /// not. Rows that another transaction holds are passed by.
    func due(by end: DatabaseTime, limit: Int) throws -> [ListedRow<Connection>]
    /// - Parameters:
    ///   - id: whatever the row's id looks like.
    ///   - old: leaves the row alone if it is to be looked at another time; `nil` asks for none.
    func setSweep(of id: String, to next: DatabaseTime?, replacing old: DatabaseTime?) throws
    /// - Parameter next: looks at the row by then, if it is not to be looked at earlier.
    func noteTokenRead(of id: ConnectionID, at now: DatabaseTime, sweepBy next: DatabaseTime?) throws
    /// How many rows are to be looked at by `end`, counted up to `limit`, and the earliest of their times.
    func countDue(by end: DatabaseTime, limit: Int) throws -> (count: Int, earliest: DatabaseTime?)

    /// At most `limit` events, the newest first. Rows that cannot be read are left out.
    func events(of id: ConnectionID, workspaceID: String, limit: Int) throws -> [ConnectionEvent]
    /// Inserts an event whose number is the next after the connection's events below ``ConnectionEvent/numberLimit``,
    /// whatever their rows look like: a number that is taken would undo what the transaction does.
    func insertNext(_ event: ConnectionEvent, of id: ConnectionID, workspaceID: String) throws
    /// Deletes a connection's events but the newest `count`, by their numbers below ``ConnectionEvent/numberLimit``.
    func deleteEvents(of id: ConnectionID, butNewest count: Int) throws
    /// Says when the events of a connection that is deleted may go.
    func keepEvents(of id: ConnectionID, until end: DatabaseTime) throws
    /// Deletes events that were to be kept until `end` or less, and says how many.
    func deleteEvents(keptUntil end: DatabaseTime, limit: Int) throws -> Int

    /// The columns of ``Revocation``; `nil` if there is none.
    func revocationRow(_ id: RevocationID) throws -> [StoredValue]?
    /// Of each outcome that grants of a revocation have, or none: the outcome, how many, and when the last was concluded.
    func outcomes(of id: RevocationID) throws -> [[StoredValue]]
    /// - Returns: `false` if there is one with this id; nothing was written then.
    func insert(revocationRow values: [StoredValue]) throws -> Bool
    func setMatched(_ count: Int, of id: RevocationID) throws
    func count(matching filter: RevocationFilter) throws -> Int
    /// Makes all matching connections inactive, and writes each down as a grant of the revocation and with its event.
    /// - Returns: how many there are.
    func mark(
        matching filter: RevocationFilter, for id: RevocationID, actor: String, reason: String,
        at now: DatabaseTime
    ) throws -> Int
    /// At most `limit` rows with the columns of ``RevocationTask`` that are due by `end`, those due longest first. Rows
    /// that another transaction holds are passed by.
    func dueGrants(of id: RevocationID?, by end: DatabaseTime, limit: Int) throws -> [[StoredValue]]
    /// Only of a grant that is not concluded.
    func setDue(of grant: RevocationTask, at time: DatabaseTime, attemptCount: Int) throws
    /// - Returns: `false` if the grant was concluded before.
    func conclude(
        _ grant: RevocationTask, as outcome: RevocationOutcome, reason: String?, at now: DatabaseTime
    ) throws -> Bool
    /// At most `limit` rows with the columns of ``RevocationEntry``, in the order of their connections' ids.
    func grants(
        of id: RevocationID, that progress: GrantProgress?, after connectionID: String?, limit: Int
    ) throws -> [[StoredValue]]

    func keysInUse() throws -> KeysInUse
    /// At most `limit` rows in the order of their ids, readable or not.
    func sealedConnections(
        notUnder keyIDs: Set<KeyID>, after id: String?, limit: Int
    ) throws -> [ListedRow<SealedRecord>]
    /// A query with values `?1`, `?2`, …, in the same words for every store: each row's values.
    func rows(_ sql: String, _ values: [StoredValue]) throws -> [[StoredValue]]
    /// A statement that writes, whose count of rows is of no interest; it may be run with the commit.
    func write(_ sql: String, _ values: [StoredValue]) throws
    /// A statement that writes, and how many rows it changed.
    func run(_ sql: String, _ values: [StoredValue]) throws -> Int
    /// Columns as a query of the store names them.
    func selection(_ columns: [StoredColumn], of table: String) -> String
    /// What a query ends with that keeps its rows from other transactions; empty where one writes at a time.
    var locking: String { get }
    /// The same, leaving out rows that another transaction holds.
    var skippingLocked: String { get }

    /// A cheap query that proves that the store works.
    func ping() throws
}

extension StoreTransaction {
    package func insert(_ records: [SealedRecord]) throws -> [Bool] { try records.map { try insert($0) } }
}
