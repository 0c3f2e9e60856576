package import Connections
import StateTokens
import Testing

/// What a store keeps for apps that want to be told, where its harness is made with ``Sample/subscriptions``.
extension ConformanceCase where Harness.Store: WebhookOutbox {
    package static var webhooks: [ConformanceCase] {
        [
            ConformanceCase("a change leaves a message for each target that wants it, and none elsewhere") {
                harness in
                let id = try await harness.insertHooked()
                try await harness.insertSample()
                #expect(
                    try await harness.store.finishRefresh(
                        id, workspaceID: Sample.hookedWorkspaceID, ifCredentialsRevision: 1,
                        with: RefreshedGrant(credentials: Sample.sealed("secret"), expiresAt: nil)))
                await #expect(throws: StoreError.revisionConflict) {
                    try await harness.store.update(
                        id, workspaceID: Sample.hookedWorkspaceID, ifRevision: 7,
                        ConnectionChanges(label: "x"))
                }
                _ = try await harness.store.delete(id, workspaceID: Sample.hookedWorkspaceID)
                let found = try await harness.store.webhooks(workspaceID: nil, areDead: nil, limit: 10)
                #expect(
                    found.map(\.type) == ["connection.created", "connection.deleted", "connection.deleted"])
                #expect(Set(found.map(\.target)) == [Sample.target, Sample.deletionTarget])
                #expect(Set(found.map(\.id)).count == 3 && found.allSatisfy { $0.id.hasPrefix("msg_") })
                #expect(found.allSatisfy { $0.body.contains(id.description) && !$0.body.contains("secret") })
                #expect(found.first?.body.hasPrefix(#"{"type":"connection.created","timestamp":""#) == true)
                #expect(
                    try await harness.store.webhooks(workspaceID: "wsp_one", areDead: nil, limit: 10).isEmpty)
                #expect(try await harness.store.webhookBacklog().waitingCount == 3)
            },
            ConformanceCase("a message keeps the trace of its change, and of no other") { harness in
                let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
                let id = try await Sample.$traceparent.withValue(trace) { try await harness.insertHooked() }
                try await harness.relabelHooked(id)
                let taken = try await harness.take(.random())
                #expect(taken.map(\.traceparent) == [trace])
                let all = try await harness.store.webhooks(workspaceID: nil, areDead: nil, limit: 10)
                #expect(all.map(\.traceparent) == [trace, nil])
            },
            ConformanceCase("a renewal and a refresh that failed are told, and a failure that goes on once") {
                harness in
                let id = try await harness.insertHooked()
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(), owner: owner,
                        as: .renewed(
                            Sample.renewal(of: id, workspaceID: Sample.hookedWorkspaceID),
                            Sample.sealed("secret"))))
                for _ in 0..<2 {
                    let found = try #require(
                        try await harness.store.connection(id, workspaceID: Sample.hookedWorkspaceID))
                    let lease = try LeaseOwner.random()
                    _ = try await harness.store.beginRefresh(
                        id, workspaceID: Sample.hookedWorkspaceID,
                        ifCredentialsRevision: found.credentialsRevision, owner: lease, lease: Sample.lease)
                    #expect(
                        try await harness.store.failRefresh(
                            id, workspaceID: Sample.hookedWorkspaceID, owner: lease, status: nil,
                            cooldown: .seconds(10), note: EventNote(detail: "server_error")))
                    harness.clock.advance(by: .seconds(11))
                }
                let told = try await harness.store.webhooks(workspaceID: nil, areDead: nil, limit: 10)
                #expect(
                    told.map(\.type) == [
                        "connection.created", "connection.renewed", "connection.refresh_failed",
                    ])
                #expect(told.allSatisfy { $0.subject == id.description && !$0.body.contains("secret") })
                #expect(told.last?.body.contains(#""reason":"server_error""#) == true)
            },
            ConformanceCase("messages about one connection are taken in order, and wait for no other") {
                harness in
                let first = try await harness.insertHooked()
                let second = try await harness.insertHooked()
                try await harness.relabelHooked(first)
                #expect(try await harness.store.dueWebhookTargets() == [Sample.target])
                let owner = try LeaseOwner.random()
                let taken = try await harness.take(owner)
                #expect(taken.map(\.subject) == [first.description, second.description])
                #expect(taken.allSatisfy { $0.type == "connection.created" && $0.attemptCount == 1 })
                #expect(try await harness.take(.random()).isEmpty, "what comes after it waits")
                #expect(try await harness.store.webhookDelivered(taken[0].id, owner: owner))
                let next = try await harness.take(.random())
                #expect(next.map(\.type) == ["connection.updated"])
                #expect(next.map(\.subject) == [first.description])
            },
            ConformanceCase("a message that a dead replica took is sent by another, and its own word is late")
            {
                harness in
                try await harness.insertHooked()
                let dead = try LeaseOwner.random()
                let taken = try #require(try await harness.take(dead).first)
                harness.clock.advance(by: .seconds(59))
                #expect(try await harness.replica.dueWebhookTargets().isEmpty)
                harness.clock.advance(by: .seconds(1))
                let owner = try LeaseOwner.random()
                let again = try #require(
                    try await harness.replica.takeWebhooks(
                        for: Sample.target, owner: owner, lease: .seconds(60), limit: 8
                    ).messages.first)
                #expect(again.id == taken.id && again.body == taken.body && again.attemptCount == 2)
                #expect(try await !harness.store.webhookDelivered(taken.id, owner: dead))
                #expect(
                    try await !harness.store.webhookFailed(taken.id, owner: dead, error: "x", delay: .zero))
                #expect(try await harness.replica.webhookDelivered(taken.id, owner: owner))
                #expect(try await harness.store.webhookBacklog().waitingCount == 0)
            },
            ConformanceCase("S46 what was written or taken while the clock was ahead does not wait for it") {
                harness in
                let id = try await harness.insertHooked()
                let owner = try LeaseOwner.random()
                let failed = try #require(try await harness.take(owner).first)
                #expect(
                    try await harness.store.webhookFailed(
                        failed.id, owner: owner, error: "status 500", delay: .seconds(72_000)))
                try await harness.insertHooked()
                harness.clock.advance(by: .seconds(36_000))
                try await harness.insertHooked()
                let taken = try await harness.take(.random())
                #expect(taken.count == 2 && !taken.map(\.subject).contains(id.description))
                try await harness.insertHooked()
                harness.clock.advance(by: .seconds(-36_000))
                #expect(try await harness.take(.random()).isEmpty)
                _ = try await harness.store.purgeWebhooks(limit: 10)
                let again = try await harness.take(.random())
                // A back-off lasts as long as it was to.
                #expect(again.count == 3 && !again.map(\.subject).contains(id.description))
            },
            ConformanceCase("of two replicas that take at once, each message goes to one") { harness in
                for _ in 0..<8 { try await harness.insertHooked() }
                async let one = harness.take(.random())
                async let two = harness.replica.takeWebhooks(
                    for: Sample.target, owner: .random(), lease: .seconds(60), limit: 8)
                let taken = try await one.map(\.id) + two.messages.map(\.id)
                #expect(taken.count == Set(taken).count && !taken.isEmpty)
            },
            ConformanceCase("a message that failed waits, one that is given up does not, and can be replayed")
            {
                harness in
                let id = try await harness.insertHooked()
                try await harness.relabelHooked(id)
                var owner = try LeaseOwner.random()
                let first = try #require(try await harness.take(owner).first)
                #expect(
                    try await harness.store.webhookFailed(
                        first.id, owner: owner, error: "status 500", delay: .seconds(5)))
                #expect(try await harness.take(.random()).isEmpty)
                #expect(try await harness.store.dueWebhookTargets().isEmpty, "not even what waits for it")
                harness.clock.advance(by: .seconds(5))
                owner = try LeaseOwner.random()
                #expect(try await harness.take(owner).map(\.id) == [first.id])
                #expect(
                    try await harness.store.webhookFailed(
                        first.id, owner: owner, error: "status 500", delay: nil))
                #expect(try await harness.take(.random()).map(\.type) == ["connection.updated"])
                let dead = try await harness.store.webhooks(workspaceID: nil, areDead: true, limit: 10)
                #expect(dead.map(\.id) == [first.id] && dead.first?.lastError == "status 500")
                #expect(try await harness.store.webhookBacklog().deadCount == 1)
                for missing in ["msg_none", "row-9223372036854775807", "row-x", "msg_\0", ""] {
                    let reference = WebhookReference(missing)
                    #expect(try await harness.store.replayWebhook(reference) == .notFound)
                    #expect(try await harness.store.dropWebhook(reference) == .notFound)
                }
                #expect(try await harness.store.replayWebhook(.id(first.id)) == .due)
                #expect(try await harness.take(.random()).map(\.id) == [first.id])
                #expect(try await harness.store.purgeWebhooks(limit: 10) == 0)
            },
            ConformanceCase(
                "a grant that only its user can renew is announced once, seven days before its end"
            ) {
                harness in
                let now = harness.clock.now.timestamp
                let ends = [86_400, 7 * 86_400, 7 * 86_400 + 60, -1].map { now + .seconds($0) }
                var ids: [ConnectionID] = []
                for end in ends { ids.append(try await harness.insertHooked(reauthorizeBy: end)) }
                try await harness.insertSample()
                let inactive = try await harness.insertHooked(reauthorizeBy: ends[0], status: .inactive)
                #expect(try await harness.store.announceReauthorizations(limit: 1) == 1)
                #expect(try await harness.replica.announceReauthorizations(limit: 10) == 1)
                #expect(try await harness.store.announceReauthorizations(limit: 10) == 0)
                let told = try await harness.store.webhooks(workspaceID: nil, areDead: nil, limit: 100)
                    .filter { $0.type == "connection.reauthorize_soon" }
                #expect(told.map(\.subject) == ids.prefix(2).map(\.description))
                #expect(!told.map(\.subject).contains(inactive.description))
                let events = try await harness.store.events(
                    of: ids[0], workspaceID: Sample.hookedWorkspaceID)
                #expect(events?.first?.type == "reauthorize_soon")
                harness.clock.advance(by: .seconds(60))
                #expect(try await harness.store.announceReauthorizations(limit: 10) == 1)
            },
            ConformanceCase("an end is announced in every workspace, and where refreshing fails") { harness in
                let end = harness.clock.now.timestamp + .seconds(86_400)
                for workspaceID in ["wsp_a", Sample.hookedWorkspaceID, "wsp_z"] {
                    let id = try await harness.insertHooked(
                        reauthorizeBy: end, status: .error, workspaceID: workspaceID)
                    #expect(try await harness.store.announceReauthorizations(limit: 10) == 1)
                    let events = try await harness.store.events(of: id, workspaceID: workspaceID)
                    #expect(events?.first?.type == "reauthorize_soon")
                }
                let told = try await harness.store.webhooks(workspaceID: nil, areDead: nil, limit: 100)
                    .filter { $0.type == "connection.reauthorize_soon" }
                #expect(told.map(\.target) == [Sample.target])
            },
            ConformanceCase("an end that refreshing moves is announced once it was not moved in time") {
                harness in
                let start = harness.clock.now.timestamp
                let id = try await harness.insertHooked(
                    reauthorizeBy: start + .seconds(500_000), movesEnd: true)
                harness.clock.advance(by: .seconds(399_000))
                #expect(try await harness.store.announceReauthorizations(limit: 10) == 0)
                try await harness.refreshHooked(id, movesEnd: true)
                harness.clock.advance(by: .seconds(399_000))
                try await harness.refreshHooked(id, movesEnd: nil)
                #expect(try await harness.store.announceReauthorizations(limit: 10) == 0)
                harness.clock.advance(by: .seconds(1_000))
                #expect(try await harness.replica.announceReauthorizations(limit: 10) == 1)
                #expect(try await harness.store.announceReauthorizations(limit: 10) == 0)
                try await harness.refreshHooked(id, movesEnd: true)
                #expect(try await harness.store.announceReauthorizations(limit: 10) == 0)
                // It stays after all.
                try await harness.refreshHooked(id, movesEnd: false)
                #expect(try await harness.store.announceReauthorizations(limit: 10) == 1)
            },
            ConformanceCase("a revoked grant is told after its connection was deleted") { harness in
                let id = try await harness.insertHooked()
                let deleted = try await harness.store.delete(id, workspaceID: Sample.hookedWorkspaceID)
                let connection = try #require(deleted?.sealed?.connection)
                try await harness.store.noteRevocation(of: connection, note: EventNote())
                let told = try await harness.store.webhooks(workspaceID: nil, areDead: nil, limit: 100)
                    .filter { $0.target == Sample.target }
                #expect(
                    told.map(\.type) == ["connection.created", "connection.deleted", "connection.revoked"])
                harness.clock.advance(by: ConnectionEvent.retention)
                #expect(try await harness.store.purgeEvents(limit: 100) == 3)
            },
            ConformanceCase("a message can be dropped once it was given up, and not before") { harness in
                let id = try await harness.insertHooked()
                try await harness.relabelHooked(id)
                let owner = try LeaseOwner.random()
                let first = try #require(try await harness.take(owner).first)
                #expect(try await harness.store.dropWebhook(.id(first.id)) == .waiting)
                #expect(
                    try await harness.store.webhookFailed(first.id, owner: owner, error: "x", delay: nil))
                #expect(try await harness.replica.dropWebhook(.id(first.id)) == .dropped)
                #expect(try await harness.store.dropWebhook(.id(first.id)) == .notFound)
                let left = try await harness.store.webhooks(workspaceID: nil, areDead: nil, limit: 10)
                #expect(left.map(\.type) == ["connection.updated"])
            },
            ConformanceCase("dead messages are kept for 30 days") { harness in
                try await harness.insertHooked()
                let owner = try LeaseOwner.random()
                let message = try #require(try await harness.take(owner).first)
                #expect(
                    try await harness.store.webhookFailed(message.id, owner: owner, error: "x", delay: nil))
                try await harness.insertHooked()
                harness.clock.advance(by: .seconds(30 * 86_400 - 1))
                #expect(try await harness.store.purgeWebhooks(limit: 10) == 0)
                harness.clock.advance(by: .seconds(1))
                #expect(try await harness.store.purgeWebhooks(limit: 10) == 1)
                #expect(try await harness.store.webhookBacklog().waitingCount == 1)
            },
            ConformanceCase("a claimed flow that failed is told once") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                let note = EventNote(
                    actor: EventNote.user,
                    flow: FlowSubject(
                        workspaceID: Sample.hookedWorkspaceID, integrationID: "gmail", userID: nil))
                for _ in 0..<2 {
                    #expect(
                        try await harness.store.finish(
                            flow: Sample.flow(), owner: owner, as: .failed(.exchangeFailed), note: note))
                }
                let found = try await harness.store.webhooks(workspaceID: nil, areDead: nil, limit: 10)
                #expect(found.map(\.type) == ["flow.failed"])
                #expect(found.first?.body.contains(FlowFailure.exchangeFailed.code) == true)
            },
        ] + abandonedFlowCases
    }
}

extension Sample {
    package static let hookedWorkspaceID = "wsp_hooked"
    package static let target = WebhookTarget(
        workspaceID: hookedWorkspaceID, url: "https://app.example.com/hooks")
    package static let deletionTarget = WebhookTarget(
        workspaceID: hookedWorkspaceID, url: "https://app.example.com/deletions")
    /// One workspace listens, to everything at one target and to deletions at another.
    package static let subscriptions = WebhookSubscriptions(
        [target: Set(WebhookType.allCases), deletionTarget: [.deleted]], traceparent: { traceparent })
    /// Of the trace that the current task is part of.
    @TaskLocal fileprivate static var traceparent: String?
}

extension StoreHarness {
    @discardableResult
    fileprivate func insertHooked(
        reauthorizeBy: Timestamp? = nil, status: ConnectionStatus = .active,
        workspaceID: String = Sample.hookedWorkspaceID, movesEnd: Bool = false
    ) async throws -> ConnectionID {
        let sample = try Sample.connection(.random(), workspaceID: workspaceID)
        return try await insert(
            NewConnection(
                id: sample.id, workspaceID: sample.workspaceID, userID: nil, integrationID: "gmail",
                label: "x", status: status,
                terms: GrantTerms(
                    authMethodID: "oauth2", scopesRequested: [], scopesGranted: [], config: [:], account: nil,
                    binding: .direct, flowID: sample.terms.flowID, expiresAt: nil,
                    facts: GrantFacts(reauthorizeBy: reauthorizeBy)), movesEnd: movesEnd))
    }

    /// The end is half a million seconds away then.
    fileprivate func refreshHooked(_ id: ConnectionID, movesEnd: Bool?) async throws {
        let found = try #require(try await store.connection(id, workspaceID: Sample.hookedWorkspaceID))
        let grant = RefreshedGrant(
            credentials: Sample.sealed(), expiresAt: nil,
            facts: GrantFacts(reauthorizeBy: clock.now.timestamp + .seconds(500_000)), movesEnd: movesEnd)
        let isKept = try await store.finishRefresh(
            id, workspaceID: Sample.hookedWorkspaceID, ifCredentialsRevision: found.credentialsRevision,
            with: grant)
        #expect(isKept)
    }

    fileprivate func relabelHooked(_ id: ConnectionID) async throws {
        _ = try await store.update(
            id, workspaceID: Sample.hookedWorkspaceID, ifRevision: 1, ConnectionChanges(label: "x"))
    }
}

extension StoreHarness where Store: WebhookOutbox {
    fileprivate func take(_ owner: LeaseOwner) async throws -> [WebhookMessage] {
        try await store.takeWebhooks(for: Sample.target, owner: owner, lease: .seconds(60), limit: 8).messages
    }

    /// Looks at a message whose row was broken, through every call that an operator has.
    ///
    /// - Parameters:
    ///   - isMendable: whether what would be sent is whole.
    ///   - damage: breaks the row of the message with this id.
    package func expectUnreadableWebhook(
        isMendable: Bool, damage: (String) async throws -> Void
    ) async throws {
        let connection = try await insertHooked()
        try await relabelHooked(connection)
        let whole = try #require(
            try await store.webhooks(workspaceID: nil, areDead: false, limit: 1).first)
        try await damage(whole.id)
        let taken = try await store.takeWebhooks(
            for: Sample.target, owner: .random(), lease: .seconds(60), limit: 8)
        #expect(taken.messages.isEmpty && taken.unreadable.count == 1)
        #expect(try await take(.random()).map(\.type) == ["connection.updated"])
        let dead = try await replica.listWebhooks(
            workspaceID: Sample.hookedWorkspaceID, areDead: true, limit: 10)
        let reference: WebhookReference
        var fault: RowFault?
        switch dead.first {
        case .failure(let row):
            #expect(row.isDead && row.workspaceID == Sample.hookedWorkspaceID)
            reference = WebhookReference(row.reference.description)
            fault = row.fault
        case .success(let message):
            // It was given up, which mended what was wrong with it.
            #expect(message.isDead && message.lastError?.hasPrefix("unreadable: column ") == true)
            reference = .id(message.id)
        case nil:
            Issue.record("it is in no list")
            return
        }
        #expect(dead.count == 1)
        #expect(try await store.listWebhooks(workspaceID: "wsp_one", areDead: nil, limit: 10).isEmpty)
        #expect(try await store.webhookBacklog().deadCount == 1)
        if isMendable {
            #expect(try await store.replayWebhook(reference) == .due)
            let again = try await take(.random())
            #expect(again.map(\.id) == [whole.id] && again.map(\.body) == [whole.body])
            #expect(again.map(\.attemptCount) == [1])
        } else {
            let still = WebhookReplay.unreadable(try #require(fault))
            #expect(try await store.replayWebhook(reference) == still)
            #expect(try await store.webhookBacklog().deadCount == 1, "it holds up nothing")
            #expect(try await store.dropWebhook(reference) == .dropped)
            #expect(try await store.dropWebhook(reference) == .notFound)
            #expect(try await store.webhookBacklog().deadCount == 0)
        }
    }

    /// A message that would be sent in thousands of years holds up all those about its subject.
    package func expectDamagedTimeMended(damage: (String) async throws -> Void) async throws {
        try await insertHooked()
        let whole = try #require(
            try await store.webhooks(workspaceID: nil, areDead: false, limit: 1).first)
        try await damage(whole.id)
        #expect(try await store.dueWebhookTargets().isEmpty)
        #expect(try await store.purgeWebhooks(limit: 10) == 0)
        #expect(try await take(.random()).map(\.id) == [whole.id])
    }
}
