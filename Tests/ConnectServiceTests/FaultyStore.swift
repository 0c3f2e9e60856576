import Connections
import StateTokens
import Synchronization

/// What a store may fail at.
enum StoreStep: Sendable, Hashable {
    case takeDue, schedule, takeRevocations, postpone, takeWebhooks, webhookDelivered, webhookFailed, claim,
        release, finish, progress,
        connection, credentials, beginRefresh, finishRefresh, failRefresh,
        sharers, noteTokenReads, insert, grantToRevoke, conclude, ping, update, delete, noteRevocation,
        beginRevocation
}

/// Which steps fail, and how many times each.
final class StoreFaults: Sendable {
    private let left = Mutex<[StoreStep: Int]>([:])
    private let pause = Mutex(Duration.zero)
    private let planned = Mutex<PlannedFault?>(nil)

    /// Lets the nth call from now on fail, or does something before it.
    func plan(_ fault: PlannedFault?) { planned.withLock { $0 = fault } }

    /// Whether the planned call has come.
    var hasFired: Bool { planned.withLock { ($0?.left ?? 1) <= 0 } }

    func fail(_ step: StoreStep, times: Int = .max) { left.withLock { $0[step] = times } }

    /// Lets every ping wait.
    func stall(for duration: Duration) { pause.withLock { $0 = duration } }

    fileprivate func stall() async {
        let duration = pause.withLock { $0 }
        if duration > .zero { try? await Task.sleep(for: duration) }
    }

    /// Makes a call, unless it is one that fails before it reaches the store.
    func around<Value: Sendable>(
        _ step: StoreStep, _ call: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let failsAfterwards = try pass(step)
        let value = try await call()
        if failsAfterwards { throw .unavailable(reason: "a test said so, and the call was made") }
        return value
    }

    /// - Returns: whether the call is to be made, and its caller not to know of it.
    private func pass(_ step: StoreStep) throws(StoreError) -> Bool {
        let action = planned.withLock { planned -> PlannedFault.Action? in
            planned?.left -= 1
            return planned?.left == 0 ? planned?.action : nil
        }
        switch action {
        case .fail?: throw .unavailable(reason: "a test said so")
        case .failAfterwards?: return true
        case .run(let body)?: body()
        case nil: break
        }
        let fails = left.withLock { left in
            guard let count = left[step], count > 0 else { return false }
            left[step] = count - 1
            return true
        }
        if fails { throw .unavailable(reason: "a test said so") }
        return false
    }
}

/// What happens at the nth call of a store.
struct PlannedFault: Sendable {
    enum Action: Sendable {
        case fail
        /// The connection drops after the store has committed.
        case failAfterwards
        case run(@Sendable () -> Void)
    }

    var left: Int
    let action: Action
}

/// A store that is away when a test says so; otherwise another one.
struct FaultyStore<Base: ConnectionStore>: ConnectionStore {
    let base: Base
    let faults: StoreFaults

    func claim(
        flow: FlowID, codeHash: CodeHash, owner: LeaseOwner, lease: Duration, keep: Duration,
        subject: FlowSubject?
    ) async throws(StoreError) -> ClaimResult {
        try await faults.around(.claim) { () async throws(StoreError) in
            try await base.claim(
                flow: flow, codeHash: codeHash, owner: owner, lease: lease, keep: keep, subject: subject)
        }
    }

    func release(flow: FlowID, owner: LeaseOwner) async throws(StoreError) -> Bool {
        try await faults.around(.release) { () async throws(StoreError) in
            try await base.release(flow: flow, owner: owner)
        }
    }

    func unclaim(flow: FlowID, owner: LeaseOwner) async throws(StoreError) -> Bool {
        try await faults.around(.release) { () async throws(StoreError) in
            try await base.unclaim(flow: flow, owner: owner)
        }
    }

    func finish(
        flow: FlowID, owner: LeaseOwner, as ending: FlowEnding, note: EventNote
    ) async throws(StoreError) -> Bool {
        try await faults.around(.finish) { () async throws(StoreError) in
            try await base.finish(flow: flow, owner: owner, as: ending, note: note)
        }
    }

    func progress(of flow: FlowID, codeHash: CodeHash) async throws(StoreError) -> FlowProgress {
        try await faults.around(.progress) { () async throws(StoreError) in
            try await base.progress(of: flow, codeHash: codeHash)
        }
    }

    func noteRevocation(of connection: Connection, note: EventNote) async throws(StoreError) {
        try await faults.around(.noteRevocation) { () async throws(StoreError) in
            try await base.noteRevocation(of: connection, note: note)
        }
    }

    func purgeClaims(limit: Int) async throws(StoreError) -> Int { try await base.purgeClaims(limit: limit) }

    func connection(_ id: ConnectionID, workspaceID: String) async throws(StoreError) -> Connection? {
        try await faults.around(.connection) { () async throws(StoreError) in
            try await base.connection(id, workspaceID: workspaceID)
        }
    }

    func connections(matching query: ConnectionQuery) async throws(StoreError) -> ConnectionPage {
        try await base.connections(matching: query)
    }

    func credentials(of id: ConnectionID, workspaceID: String) async throws(StoreError) -> SealedConnection? {
        try await faults.around(.credentials) { () async throws(StoreError) in
            try await base.credentials(of: id, workspaceID: workspaceID)
        }
    }

    func insert(_ connection: NewConnection, _ credentials: SealedCredentials) async throws(StoreError) {
        try await faults.around(.insert) { () async throws(StoreError) in
            try await base.insert(connection, credentials)
        }
    }

    func update(
        _ id: ConnectionID, workspaceID: String, ifRevision: Int64, _ changes: ConnectionChanges,
        note: EventNote
    ) async throws(StoreError) -> Connection {
        try await faults.around(.update) { () async throws(StoreError) in
            try await base.update(id, workspaceID: workspaceID, ifRevision: ifRevision, changes, note: note)
        }
    }

    func delete(
        _ id: ConnectionID, workspaceID: String, reach: RevocationReach?, takesLease: Bool,
        note: EventNote
    ) async throws(StoreError) -> Deletion {
        try await faults.around(.delete) { () async throws(StoreError) in
            try await base.delete(
                id, workspaceID: workspaceID, reach: reach, takesLease: takesLease, note: note)
        }
    }

    func sharers(of grant: GrantOwner) async throws(StoreError) -> [GrantSharer] {
        try await faults.around(.sharers) { () async throws(StoreError) in
            try await base.sharers(of: grant)
        }
    }

    func beginRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, owner: LeaseOwner,
        lease: Duration
    ) async throws(StoreError) -> RefreshStart {
        try await faults.around(.beginRefresh) { () async throws(StoreError) in
            try await base.beginRefresh(
                id, workspaceID: workspaceID, ifCredentialsRevision: ifCredentialsRevision, owner: owner,
                lease: lease)
        }
    }

    func finishRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, with grant: RefreshedGrant,
        note: EventNote
    ) async throws(StoreError) -> Bool {
        try await faults.around(.finishRefresh) { () async throws(StoreError) in
            try await base.finishRefresh(
                id, workspaceID: workspaceID, ifCredentialsRevision: ifCredentialsRevision, with: grant,
                note: note)
        }
    }

    func failRefresh(
        _ id: ConnectionID, workspaceID: String, owner: LeaseOwner, status: ConnectionChanges.Status?,
        cooldown: Duration, note: EventNote?
    ) async throws(StoreError) -> Bool {
        try await faults.around(.failRefresh) { () async throws(StoreError) in
            try await base.failRefresh(
                id, workspaceID: workspaceID, owner: owner, status: status, cooldown: cooldown, note: note)
        }
    }

    func takeDue(limit: Int, lease: Duration) async throws(StoreError) -> DueBatch {
        try await faults.around(.takeDue) { () async throws(StoreError) in
            try await base.takeDue(limit: limit, lease: lease)
        }
    }

    func schedule(_ visits: [SweepVisit]) async throws(StoreError) {
        try await faults.around(.schedule) { () async throws(StoreError) in
            try await base.schedule(visits)
        }
    }

    func noteTokenReads(_ reads: [TokenRead]) async throws(StoreError) {
        try await faults.around(.noteTokenReads) { () async throws(StoreError) in
            try await base.noteTokenReads(reads)
        }
    }

    func hastenSweep(limit: Int) async throws(StoreError) -> Int { try await base.hastenSweep(limit: limit) }

    func sweepBacklog() async throws(StoreError) -> SweepBacklog { try await base.sweepBacklog() }

    func events(
        of id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> [ConnectionEvent]? {
        try await base.events(of: id, workspaceID: workspaceID)
    }

    func purgeEvents(limit: Int) async throws(StoreError) -> Int { try await base.purgeEvents(limit: limit) }

    func beginRevocation(_ revocation: NewRevocation) async throws(StoreError) -> Revocation {
        try await faults.around(.beginRevocation) { () async throws(StoreError) in
            try await base.beginRevocation(revocation)
        }
    }

    func revocation(_ id: RevocationID) async throws(StoreError) -> Revocation? {
        try await base.revocation(id)
    }

    func takeRevocations(
        of id: RevocationID?, limit: Int, lease: Duration
    ) async throws(StoreError) -> [RevocationTask] {
        try await faults.around(.takeRevocations) { () async throws(StoreError) in
            try await base.takeRevocations(of: id, limit: limit, lease: lease)
        }
    }

    func grantToRevoke(
        _ grant: RevocationTask, reach: RevocationReach?
    ) async throws(StoreError) -> RevocationTarget {
        try await faults.around(.grantToRevoke) { () async throws(StoreError) in
            try await base.grantToRevoke(grant, reach: reach)
        }
    }

    func postpone(
        _ grant: RevocationTask, by delay: Duration, countsAttempt: Bool
    ) async throws(StoreError) {
        try await faults.around(.postpone) { () async throws(StoreError) in
            try await base.postpone(grant, by: delay, countsAttempt: countsAttempt)
        }
    }

    func conclude(
        _ grant: RevocationTask, as outcome: RevocationOutcome, reason: String?
    ) async throws(StoreError) -> Bool {
        try await faults.around(.conclude) { () async throws(StoreError) in
            try await base.conclude(grant, as: outcome, reason: reason)
        }
    }

    func grants(
        of id: RevocationID, that progress: GrantProgress?, after connectionID: String?, limit: Int
    ) async throws(StoreError) -> [RevocationEntry] {
        try await base.grants(of: id, that: progress, after: connectionID, limit: limit)
    }

    func keysInUse() async throws(StoreError) -> KeysInUse { try await base.keysInUse() }

    func sealedConnections(
        notUnder keyIDs: Set<KeyID>, after: String?, limit: Int
    ) async throws(StoreError) -> SealedBatch {
        try await base.sealedConnections(notUnder: keyIDs, after: after, limit: limit)
    }

    func reseal(
        _ id: ConnectionID, workspaceID: String, replacing: SealedCredentials, with: SealedCredentials
    ) async throws(StoreError) -> Bool {
        try await base.reseal(id, workspaceID: workspaceID, replacing: replacing, with: with)
    }

    func ping() async throws(StoreError) {
        await faults.stall()
        try await faults.around(.ping) { () async throws(StoreError) in
            try await base.ping()
        }
    }
}
