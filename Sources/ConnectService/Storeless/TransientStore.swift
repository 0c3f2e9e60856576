package import Connections
package import StateTokens
internal import Synchronization

/// What stands in for a store where there is none: this replica's claims, in memory, and for two minutes what each flow
/// granted, so that an app's server may ask again when the reply got lost.
///
/// Flows are claimed by the very rules that every store keeps, but each replica knows its own only: brought to two
/// replicas, a ticket is rejected the second time by the provider, which takes a code once (RFC 6749 §4.1.2), and not by us.
package final class TransientStore: Sendable {
    /// The most flows that are remembered: some 40 MB. Beyond it claims fail until some are forgotten, once a second at most.
    package static let flowLimit = 100_000

    private struct Flow {
        var claim: Claim
        var granted: SealedConnection?
        var grantedUntil: DatabaseTime
    }

    private struct State {
        var flows: [FlowID: Flow] = [:]
        var flowOfConnection: [ConnectionID: FlowID] = [:]
        var purgedAt: DatabaseTime?
    }

    /// Looking through all flows holds up each claim, so it is not done at each claim beyond the limit.
    private static let purgePause = Duration.seconds(1)

    private let state = Mutex(State())
    private let limit: Int
    private let credentialsLifetime: Duration
    private let now: @Sendable () -> DatabaseTime

    /// - Parameters:
    ///   - skew: the greatest difference between two replicas' clocks, by which a ticket may outlive its lifetime.
    ///   - now: never goes back.
    package init(
        skew: Duration, limit: Int = flowLimit, now: @escaping @Sendable () -> DatabaseTime = sinceStart()
    ) {
        credentialsLifetime = Ticket.lifetime + skew
        self.limit = limit
        self.now = now
    }

    /// The time since now, which no step of the system's clock changes.
    package static func sinceStart() -> @Sendable () -> DatabaseTime {
        let start = ContinuousClock.now
        return { DatabaseTime(millisecondsSinceEpoch: 0) + (ContinuousClock.now - start) }
    }

    /// How many flows are remembered.
    package var flowCount: Int { state.withLock { $0.flows.count } }

    /// Forgets what was kept long enough.
    private static func purge(_ state: inout State, at now: DatabaseTime) {
        state.purgedAt = now
        for (id, flow) in state.flows {
            if flow.granted != nil, flow.grantedUntil <= now { forgetGrant(of: id, in: &state) }
            if flow.claim.keptUntil <= now {
                forgetGrant(of: id, in: &state)
                state.flows[id] = nil
            }
        }
    }

    private static func forgetGrant(of id: FlowID, in state: inout State) {
        guard let granted = state.flows[id]?.granted else { return }
        state.flowOfConnection[granted.connection.id] = nil
        state.flows[id]?.granted = nil
    }
}

// MARK: Claims

extension TransientStore: ConnectionStore {
    package func claim(
        flow id: FlowID, codeHash: CodeHash, owner: LeaseOwner, lease: Duration, keep: Duration,
        subject: FlowSubject?
    ) async throws(StoreError) -> ClaimResult {
        let now = now()
        let result = state.withLock { state -> ClaimResult? in
            if var flow = state.flows[id] {
                _ = flow.claim.settle(at: now)
                let result = flow.claim.claim(
                    code: codeHash, owner: owner, until: now + lease, keptUntil: now + keep, at: now)
                state.flows[id] = flow
                return result
            }
            if state.flows.count >= limit, state.purgedAt.map({ $0 + Self.purgePause <= now }) ?? true {
                Self.purge(&state, at: now)
            }
            guard state.flows.count < limit else { return nil }
            let claim = Claim(code: codeHash, owner: owner, until: now + lease, keptUntil: now + keep)
            state.flows[id] = Flow(claim: claim, granted: nil, grantedUntil: now)
            return .claimed
        }
        guard let result else { throw .unavailable(reason: "more flows than a replica remembers") }
        return result
    }

    package func release(flow id: FlowID, owner: LeaseOwner) async throws(StoreError) -> Bool {
        let now = now()
        return state.withLock { $0.flows[id]?.claim.release(owner: owner, at: now) ?? false }
    }

    package func unclaim(flow id: FlowID, owner: LeaseOwner) async throws(StoreError) -> Bool {
        let now = now()
        return state.withLock { $0.flows[id]?.claim.unclaim(owner: owner, at: now) ?? false }
    }

    package func finish(
        flow id: FlowID, owner: LeaseOwner, as ending: FlowEnding, note: EventNote
    ) async throws(StoreError) -> Bool {
        let now = now()
        // There is nothing to renew here, and FlowCompletion found that out before it sent the code.
        if case .renewed = ending { throw .notFound }
        return state.withLock { state in
            guard var flow = state.flows[id] else { return false }
            switch flow.claim.finish(owner: owner, as: ending.result, at: now) {
            case .refused: return false
            case .written: return true
            case .write: break
            }
            if case .created(let connection, let sealed) = ending {
                flow.granted = SealedConnection(
                    connection: Connection(
                        connection,
                        now: DatabaseTime(millisecondsSinceEpoch: Timestamp.now().secondsSinceEpoch &* 1_000)),
                    credentials: sealed)
                flow.grantedUntil = now + credentialsLifetime
                state.flowOfConnection[connection.id] = id
            }
            state.flows[id] = flow
            return true
        }
    }

    package func progress(of id: FlowID, codeHash: CodeHash) async throws(StoreError) -> FlowProgress {
        let now = now()
        return state.withLock { state in
            _ = state.flows[id]?.claim.settle(at: now)
            return state.flows[id]?.claim.progress(of: codeHash, at: now) ?? .free
        }
    }

    package func purgeClaims(limit: Int) async throws(StoreError) -> Int {
        let now = now()
        state.withLock { Self.purge(&$0, at: now) }
        return 0
    }

    // MARK: What was granted

    package func connection(
        _ id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> Connection? {
        try await credentials(of: id, workspaceID: workspaceID)?.connection
    }

    package func credentials(
        of id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> SealedConnection? {
        let now = now()
        return state.withLock { state in
            guard let flow = state.flowOfConnection[id].flatMap({ state.flows[$0] }), now < flow.grantedUntil,
                let granted = flow.granted,
                granted.connection.workspaceID.utf8.elementsEqual(workspaceID.utf8)
            else { return nil }
            return granted
        }
    }

    // MARK: What there is none of

    package func connections(
        matching query: ConnectionQuery
    ) async throws(StoreError) -> ConnectionPage { ConnectionPage(connections: [], nextCursor: nil) }

    package func insert(
        _ connection: NewConnection, _ credentials: SealedCredentials
    ) async throws(StoreError) { throw .unavailable(reason: "there is no store") }

    package func update(
        _ id: ConnectionID, workspaceID: String, ifRevision: Int64, _ changes: ConnectionChanges,
        note: EventNote
    ) async throws(StoreError) -> Connection { throw .notFound }

    package func delete(
        _ id: ConnectionID, workspaceID: String, reach: RevocationReach?, takesLease: Bool,
        note: EventNote
    ) async throws(StoreError) -> Deletion { .notFound }

    package func sharers(of grant: GrantOwner) async throws(StoreError) -> [GrantSharer] { [] }

    package func beginRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, owner: LeaseOwner,
        lease: Duration
    ) async throws(StoreError) -> RefreshStart { .notFound }

    package func finishRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, with grant: RefreshedGrant,
        note: EventNote
    ) async throws(StoreError) -> Bool { false }

    package func failRefresh(
        _ id: ConnectionID, workspaceID: String, owner: LeaseOwner, status: ConnectionChanges.Status?,
        cooldown: Duration, note: EventNote?
    ) async throws(StoreError) -> Bool { false }

    package func takeDue(limit: Int, lease: Duration) async throws(StoreError) -> DueBatch {
        DueBatch(connections: [], unreadable: [], leasedUntil: now() + lease, isFull: false)
    }

    package func schedule(_ visits: [SweepVisit]) async throws(StoreError) {}

    package func noteTokenReads(_ reads: [TokenRead]) async throws(StoreError) {}

    package func hastenSweep(limit: Int) async throws(StoreError) -> Int { 0 }

    package func sweepBacklog() async throws(StoreError) -> SweepBacklog {
        SweepBacklog(count: 0, delay: .zero)
    }

    package func events(
        of id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> [ConnectionEvent]? { nil }

    package func noteRevocation(of connection: Connection, note: EventNote) async throws(StoreError) {}

    package func purgeEvents(limit: Int) async throws(StoreError) -> Int { 0 }

    package func beginRevocation(
        _ revocation: NewRevocation
    ) async throws(StoreError) -> Revocation { throw .unavailable(reason: "there is no store") }

    package func revocation(_ id: RevocationID) async throws(StoreError) -> Revocation? { nil }

    package func takeRevocations(
        of id: RevocationID?, limit: Int, lease: Duration
    ) async throws(StoreError) -> [RevocationTask] { [] }

    package func grantToRevoke(
        _ grant: RevocationTask, reach: RevocationReach?
    ) async throws(StoreError) -> RevocationTarget { .notFound }

    package func postpone(
        _ grant: RevocationTask, by delay: Duration, countsAttempt: Bool
    ) async throws(StoreError) {}

    package func conclude(
        _ grant: RevocationTask, as outcome: RevocationOutcome, reason: String?
    ) async throws(StoreError) -> Bool { false }

    package func grants(
        of id: RevocationID, that progress: GrantProgress?, after connectionID: String?, limit: Int
    ) async throws(StoreError) -> [RevocationEntry] { [] }

    package func keysInUse() async throws(StoreError) -> KeysInUse { KeysInUse() }

    package func sealedConnections(
        notUnder keyIDs: Set<KeyID>, after: String?, limit: Int
    ) async throws(StoreError) -> SealedBatch { .empty }

    package func reseal(
        _ id: ConnectionID, workspaceID: String, replacing: SealedCredentials, with: SealedCredentials
    ) async throws(StoreError) -> Bool { false }

    package func ping() async throws(StoreError) {}
}
