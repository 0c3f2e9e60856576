package import StateTokens

/// What is stored, and what every store promises.
///
/// All times are the database's: no two replicas' clocks are ever compared. A call that throws has changed
/// nothing, but for one case: `StoreError.unavailable` from a store that is reached over a network may come
/// after its commit. Each call below says what asking again does then. A write that has begun is not
/// abandoned when its task is cancelled, because the code is spent and the refresh token rotated whether or
/// not anyone still waits.
package protocol ConnectionStore: Sendable {
    // MARK: Claims

    /// Claims a flow for one code, before that code is sent anywhere.
    ///
    /// There is one row per flow, and the caller that inserts it goes on: of any number of callers, on any
    /// number of replicas, exactly one gets `.claimed`, and none gets it twice for one code. A claim whose lease ran
    /// out ends the flow with `FlowFailure.restart`, durably, and before the caller learns of it. Another
    /// code is claimed only after a `release` or an `unclaim`. Rows grow with callbacks, never with initiates.
    /// - Parameters:
    ///   - owner: new for each call. After an error the flow may be claimed without anyone knowing; it then
    ///     ends with `restart`.
    ///   - lease: longer than the exchange can take.
    ///   - keep: how long the row outlives the claim; longer than a state or ticket of the flow stays valid.
    ///   - subject: whose flow it is, for webhooks about flows that fail.
    func claim(
        flow: FlowID, codeHash: CodeHash, owner: LeaseOwner, lease: Duration, keep: Duration,
        subject: FlowSubject?
    ) async throws(StoreError) -> ClaimResult

    /// Frees a flow for another code, after the token endpoint rejected this one for good.
    ///
    /// The rejected code brought again gets `FlowFailure.codeRejected`. Asking again is harmless.
    /// - Returns: `false` if the caller is no longer the owner; nothing was written then.
    func release(flow: FlowID, owner: LeaseOwner) async throws(StoreError) -> Bool

    /// Takes back a claim whose code was certainly not sent: any code may claim the flow again, this one too.
    /// - Returns: `false` if the caller is no longer the owner; nothing was written then.
    func unclaim(flow: FlowID, owner: LeaseOwner) async throws(StoreError) -> Bool

    /// Commits a flow's outcome and its connection in one transaction, fenced by the claim's owner and lease.
    ///
    /// Asking again with the same owner and ending gives the same answer and writes nothing twice.
    /// - Returns: `false` if the caller is no longer the owner; nothing was written then, and what the caller
    ///   got from the provider is to be revoked.
    /// - Throws: `.alreadyExists` for a new connection whose id is taken, and `.alreadyConnected` with the one to renew
    ///   instead; `.notFound` and `.revisionConflict` for a renewal. The claim is still the caller's then.
    func finish(
        flow: FlowID, owner: LeaseOwner, as ending: FlowEnding, note: EventNote
    ) async throws(StoreError) -> Bool

    /// What has become of a flow, for those who wait; claims nothing.
    func progress(of flow: FlowID, codeHash: CodeHash) async throws(StoreError) -> FlowProgress

    /// Deletes claims that were kept long enough, the oldest first, at most `limit` of them. One whose webhook is still to
    /// be sent is kept a day longer.
    /// - Returns: How many there were; fewer than `limit` means that none is left.
    func purgeClaims(limit: Int) async throws(StoreError) -> Int

    // MARK: Connections

    /// A connection, or `nil` if the workspace has none with this id. The same holds for all calls below.
    /// - Throws: `.unreadable` for a row that cannot be read, here and in every call for one connection but `delete`.
    func connection(_ id: ConnectionID, workspaceID: String) async throws(StoreError) -> Connection?

    /// A workspace's connections, the newest first; those of one moment in descending order of their ids'
    /// characters. A row that cannot be read is left out and named.
    /// - Throws: `.badCursor` for a cursor that no page bore.
    func connections(matching query: ConnectionQuery) async throws(StoreError) -> ConnectionPage

    /// A connection and its credentials, from one read.
    func credentials(of id: ConnectionID, workspaceID: String) async throws(StoreError) -> SealedConnection?

    /// The same, on the caller's thread, where nothing has to be waited for: no lock, no server and no other thread.
    ///
    /// Each call reads the row again, so that what another replica has deleted, disabled or refreshed is seen.
    /// - Returns: `nil` where something has to be waited for, and for a connection that is not there or cannot be read;
    ///   `credentials(of:workspaceID:)` says which.
    func credentialsAtOnce(of id: ConnectionID, workspaceID: String) -> SealedConnection?

    /// The same for a store that can read while its caller goes on.
    ///
    /// - Parameter finish: is called once, on any thread, with `nil` for a connection that is not there or cannot be read;
    ///   `credentials(of:workspaceID:)` says which. It must not wait for anything.
    /// - Returns: `false` where the store has no such way; `finish` is not called then.
    func readCredentials(
        of id: ConnectionID, workspaceID: String, _ finish: @escaping @Sendable (SealedConnection?) -> Void
    ) -> Bool

    /// Inserts a connection that no flow made.
    /// - Throws: `.alreadyExists` if the id is taken; asking again after an error is harmless with the same id.
    func insert(_ connection: NewConnection, _ credentials: SealedCredentials) async throws(StoreError)

    /// Inserts connections that no flow made, all in one transaction or none.
    /// - Returns: each as it is stored; `nil` if its id is taken, which changes nothing of the others.
    func insert(_ connections: [SealedNewConnection]) async throws(StoreError) -> [Connection?]

    /// Changes a connection if it still has the revision that the caller saw.
    /// - Throws: `.notFound`, `.revisionConflict`.
    func update(
        _ id: ConnectionID, workspaceID: String, ifRevision: Int64, _ changes: ConnectionChanges,
        note: EventNote
    ) async throws(StoreError) -> Connection

    /// Changes a connection, whatever revision it has.
    /// - Parameter changes: what is to be changed of the connection as it is, or why nothing is; may be called more than
    ///   once.
    /// - Throws: `.notFound`, and `.revisionConflict` where others change it all the time.
    func update<Rejection: Error>(
        _ id: ConnectionID, workspaceID: String, note: EventNote,
        _ changes: @escaping @Sendable (Connection) -> Result<ConnectionChanges, Rejection>
    ) async throws(StoreError) -> Result<Connection, Rejection>

    /// Deletes a connection and returns what it was, for revocation at the provider. A row that cannot be read is
    /// deleted, too.
    /// - Parameters:
    ///   - reach: which connections a revocation would end; those among them that live by the same grant are looked up
    ///     in the same transaction, so that of two that go at once the last one knows that it is the last.
    ///   - takesLease: deletes the row although a refresh holds it. Who refreshes finds it gone, and revokes what it got.
    func delete(
        _ id: ConnectionID, workspaceID: String, reach: RevocationReach?, takesLease: Bool, note: EventNote
    ) async throws(StoreError) -> Deletion

    /// The connections of all workspaces that may live by a grant, 100 at most. One that a revocation has made inactive
    /// does not.
    func sharers(of grant: GrantOwner) async throws(StoreError) -> [GrantSharer]

    // MARK: Events

    /// What happened to a connection, the newest first: each change above and below that tells so in its `note`, written
    /// in the same transaction. ``ConnectionEvent/keptCount`` are kept, and for a while those of a deleted connection.
    /// - Returns: `nil` if the workspace has no such connection, and had none of late.
    func events(of id: ConnectionID, workspaceID: String) async throws(StoreError) -> [ConnectionEvent]?

    /// Notes that the provider revoked the grant of a connection that was deleted.
    func noteRevocation(of connection: Connection, note: EventNote) async throws(StoreError)

    /// Deletes events of deleted connections that were kept long enough, at most `limit` of them.
    /// - Returns: How many there were; fewer than `limit` means that none is left.
    func purgeEvents(limit: Int) async throws(StoreError) -> Int

    // MARK: Refresh

    /// Asks for the right to refresh, of which there is one at a time on all replicas.
    /// - Parameter ifCredentialsRevision: the `credentialsRevision` of the connection whose token was found
    ///   to be due. If they were replaced since, the caller gets the new ones and no right.
    func beginRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, owner: LeaseOwner,
        lease: Duration
    ) async throws(StoreError) -> RefreshStart

    /// Replaces the credentials that a refresh began with, and ends the lease, even of another owner.
    ///
    /// This is a compare-and-swap on `credentialsRevision` alone. A late owner's result is taken as long as
    /// no one replaced the credentials, since the provider may have rotated the refresh token that the row
    /// still holds; and a change of the label meanwhile does not get in the way.
    /// - Returns: `false` if the credentials were replaced meanwhile, or the connection is gone.
    func finishRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, with grant: RefreshedGrant,
        note: EventNote
    ) async throws(StoreError) -> Bool

    /// Ends the lease without new credentials, and lets no one refresh until the cooldown is over.
    /// - Parameters:
    ///   - status: `nil` leaves status and reason as they are. What a person set (`inactive`, `testing`) stays.
    ///   - note: `nil` where nothing failed, so that nothing is announced.
    /// - Returns: `false` if the lease is no longer the caller's, who then reads again before giving up.
    func failRefresh(
        _ id: ConnectionID, workspaceID: String, owner: LeaseOwner, status: ConnectionChanges.Status?,
        cooldown: Duration, note: EventNote?
    ) async throws(StoreError) -> Bool

    // MARK: Sweep

    /// Takes connections of all workspaces whose time to be looked at has come, those due longest first, and puts
    /// them off: until `lease` is over no other caller gets them.
    ///
    /// A row that cannot be read is put off for a day.
    /// - Parameter limit: how many at most, those that cannot be read among them.
    func takeDue(limit: Int, lease: Duration) async throws(StoreError) -> DueBatch

    /// Says when connections that were taken are to be looked at next. One that was given another time meanwhile
    /// keeps that one. No revision changes.
    func schedule(_ visits: [SweepVisit]) async throws(StoreError)

    /// Notes that access tokens were handed out just now. No revision changes.
    func noteTokenReads(_ reads: [TokenRead]) async throws(StoreError)

    /// Makes connections due whose next visit is planned long after ``SweepVisit/longestDelay``, the latest first: the
    /// clock was ahead, the row was damaged, or an older version planned it.
    /// - Returns: how many there were, `limit` at most.
    func hastenSweep(limit: Int) async throws(StoreError) -> Int

    /// How far behind the sweep is.
    func sweepBacklog() async throws(StoreError) -> SweepBacklog

    // MARK: Revocations

    /// Begins a revocation of many grants: in one transaction all matching connections of all workspaces become
    /// `inactive`, so that none gives a token from then on, and each is written down as left to do.
    ///
    /// It may take a minute for a million connections. Asking again with the same id gives what was begun.
    /// - Throws: `.alreadyExists` if the id is taken by a revocation of other connections.
    func beginRevocation(_ revocation: NewRevocation) async throws(StoreError) -> Revocation

    func revocation(_ id: RevocationID) async throws(StoreError) -> Revocation?

    /// Takes grants that are left to revoke, those due longest first: until `lease` is over no other caller gets them.
    /// - Parameter id: of this revocation; `nil`: of any.
    func takeRevocations(
        of id: RevocationID?, limit: Int, lease: Duration
    ) async throws(StoreError) -> [RevocationTask]

    /// The grant that is to be revoked, and who else lives by it: connections that a revocation has made inactive do not.
    /// - Parameter reach: which connections a revocation would end.
    func grantToRevoke(
        _ grant: RevocationTask, reach: RevocationReach?
    ) async throws(StoreError) -> RevocationTarget

    /// Lets the grant be taken again after a while.
    func postpone(
        _ grant: RevocationTask, by delay: Duration, countsAttempt: Bool
    ) async throws(StoreError)

    /// Writes down what became of a grant, once; the connection is inactive from then on, and says why.
    /// - Returns: `false` if it was concluded before; nothing was written then.
    func conclude(
        _ grant: RevocationTask, as outcome: RevocationOutcome, reason: String?
    ) async throws(StoreError) -> Bool

    /// The grants of a revocation, in the order of their connections' ids, at most `limit` of them.
    /// - Parameter progress: only grants with this progress; `nil` for all.
    func grants(
        of id: RevocationID, that progress: GrantProgress?, after connectionID: String?, limit: Int
    ) async throws(StoreError) -> [RevocationEntry]

    // MARK: Upkeep

    /// The keys that some row still needs.
    func keysInUse() async throws(StoreError) -> KeysInUse

    /// Connections of all workspaces whose credentials none of these keys seals, in ascending order of their ids'
    /// characters.
    /// - Parameters:
    ///   - after: `next` of the batch before; `nil` begins.
    ///   - limit: how many at most, those that cannot be read among them.
    func sealedConnections(
        notUnder keyIDs: Set<KeyID>, after: String?, limit: Int
    ) async throws(StoreError) -> SealedBatch

    /// Puts the same credentials, sealed under another key, in the place of what was read.
    ///
    /// Nothing else changes, no revision and no lease either: to every other caller the credentials are the same.
    /// - Returns: `false` if the row holds other octets by now, or is gone; nothing was written then.
    func reseal(
        _ id: ConnectionID, workspaceID: String, replacing: SealedCredentials, with: SealedCredentials
    ) async throws(StoreError) -> Bool

    /// Returns if the store can be read and would take a write, as far as that can be told without one.
    func ping() async throws(StoreError)
}

extension ConnectionStore {
    /// A store that always has something to wait for.
    package func credentialsAtOnce(of id: ConnectionID, workspaceID: String) -> SealedConnection? { nil }

    /// A store that is asked by a task, or at once.
    package func readCredentials(
        of id: ConnectionID, workspaceID: String, _ finish: @escaping @Sendable (SealedConnection?) -> Void
    ) -> Bool { false }
}

extension ConnectionStore {
    /// The keys that rows name.
    package func keyIDsInUse() async throws(StoreError) -> Set<KeyID> { try await keysInUse().ids }
}

extension ConnectionStore {
    /// A connection of a workspace.
    ///
    /// - Throws: ``StoreError/notFound`` where the workspace has no such connection.
    package func existing(
        _ id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> Connection {
        guard let found = try await connection(id, workspaceID: workspaceID) else { throw .notFound }
        return found
    }
}
