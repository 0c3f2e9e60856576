import Connections
import StateTokens
import Testing

extension ConformanceCase {
    static var finishCases: [ConformanceCase] {
        [
            ConformanceCase("a finish stores the connection as it was given") { harness in
                let new = try Sample.connection(.random())
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(), owner: owner, as: .created(new, Sample.sealed("secret", key: 7)))
                )
                let stored = try await harness.stored(new.id)
                #expect(stored.credentials == Sample.sealed("secret", key: 7))
                #expect(stored.connection == Connection(new, now: harness.clock.now))
                #expect(
                    try await harness.replica.connection(new.id, workspaceID: new.workspaceID)
                        == stored.connection)
            },
            ConformanceCase("control characters in what a provider says are stored as they came") { harness in
                let odd = "a\r\n\t\u{1}\u{1B}\u{7F}\u{85}\u{2028}\\\"'é e\u{301} 😀 "
                let sample = try Sample.connection(.random())
                let new = NewConnection(
                    id: sample.id, workspaceID: sample.workspaceID, userID: nil, integrationID: "gmail",
                    label: odd,
                    terms: GrantTerms(
                        authMethodID: "oauth2", scopesRequested: [odd], scopesGranted: [odd, ""],
                        config: [odd: odd], account: ProviderAccount(id: odd, label: odd), binding: .direct,
                        flowID: sample.terms.flowID, expiresAt: nil))
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(), owner: owner, as: .created(new, Sample.sealed())))
                let stored = try await harness.stored(new.id).connection
                let texts: [String?] = [
                    stored.label, stored.account?.id, stored.account?.label, stored.config[odd],
                    stored.scopesRequested.first, stored.scopesGranted.first,
                ]
                for text in texts {
                    #expect(text.map { Array($0.utf8) } == Array(odd.utf8))
                }
                #expect(stored.config.keys.map { Array($0.utf8) } == [Array(odd.utf8)])
            },
            ConformanceCase("a finish asked for again by the same owner is answered again") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                let ending = FlowEnding.created(try Sample.connection(.random()), Sample.sealed())
                #expect(try await harness.store.finish(flow: Sample.flow(), owner: owner, as: ending))
                harness.clock.advance(by: Sample.lease * 2)
                #expect(try await harness.replica.finish(flow: Sample.flow(), owner: owner, as: ending))
            },
            ConformanceCase("S08 a finished flow takes no second ending and makes no second connection") {
                harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                let first = FlowEnding.created(try Sample.connection(.random()), Sample.sealed())
                #expect(try await harness.store.finish(flow: Sample.flow(), owner: owner, as: first))
                let second = try Sample.connection(.random())
                for caller in [owner, try LeaseOwner.random()] {
                    #expect(
                        try await !harness.store.finish(
                            flow: Sample.flow(), owner: caller, as: .created(second, Sample.sealed())))
                    #expect(
                        try await !harness.store.finish(
                            flow: Sample.flow(), owner: caller, as: .failed(.exchangeTimedOut)))
                }
                #expect(try await harness.store.connection(second.id, workspaceID: Sample.workspaceID) == nil)
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(), owner: .random())
                        == .finished(first.result))
            },
            ConformanceCase("no owner finishes a flow that another holds, or that none does") { harness in
                _ = try await harness.holdFlow(Sample.flow(1), Sample.code())
                let connection = try Sample.connection(.random())
                for number in 1...2 as ClosedRange<UInt8> {
                    #expect(
                        try await !harness.store.finish(
                            flow: Sample.flow(number), owner: .random(),
                            as: .created(connection, Sample.sealed())))
                }
                #expect(
                    try await harness.store.connection(connection.id, workspaceID: Sample.workspaceID) == nil)
                #expect(
                    try await harness.store.progress(of: Sample.flow(2), codeHash: Sample.code()) == .free)
            },
            ConformanceCase("S21 of forty flows at once, one whose connection's id is taken fails alone") {
                harness in
                let taken = try await harness.insertSample()
                let failures = try await withThrowingTaskGroup(of: (Int, StoreError?).self) { group in
                    for number in 0..<40 {
                        let flow = try #require(FlowID(octets: try LeaseOwner.random().octets))
                        let connection = try Sample.connection(number == 20 ? taken : .random())
                        let store = number.isMultiple(of: 3) ? harness.store : harness.replica
                        group.addTask {
                            let owner = try await harness.holdFlow(flow, Sample.code())
                            do throws(StoreError) {
                                let isOwner = try await store.finish(
                                    flow: flow, owner: owner, as: .created(connection, Sample.sealed()))
                                #expect(isOwner)
                            } catch {
                                return (number, error)
                            }
                            return (number, nil)
                        }
                    }
                    return try await group.reduce(into: [:]) { failures, result in
                        failures[result.0] = result.1
                    }
                }
                #expect(failures == [20: .alreadyExists])
                let page = try await harness.store.connections(
                    matching: ConnectionQuery(workspaceID: Sample.workspaceID, limit: 100))
                #expect(page.connections.count == 40)
            },
            ConformanceCase("S21 a finish that fails half-way leaves neither outcome nor connection") {
                harness in
                let taken = try await harness.insertSample(Sample.sealed("first", key: 1))
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                let connection = try Sample.connection(taken, workspaceID: "wsp_two")
                await #expect(throws: StoreError.alreadyExists) {
                    try await harness.store.finish(
                        flow: Sample.flow(), owner: owner,
                        as: .created(connection, Sample.sealed("2", key: 2)))
                }
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(), owner: .random())
                        == .pending(sameCode: true))
                #expect(try await harness.store.connection(taken, workspaceID: "wsp_two") == nil)
                #expect(try await harness.stored(taken).credentials == Sample.sealed("first", key: 1))
                let failure = FlowEnding.failed(.providerUnavailable)
                #expect(try await harness.store.finish(flow: Sample.flow(), owner: owner, as: failure))
            },
            ConformanceCase("a cancelled task's finish is not abandoned") { harness in
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                let connection = try Sample.connection(.random())
                let task = Task {
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                    return try await harness.store.finish(
                        flow: Sample.flow(), owner: owner, as: .created(connection, Sample.sealed()))
                }
                #expect(try await task.value)
                #expect(
                    try await harness.store.connection(connection.id, workspaceID: Sample.workspaceID) != nil)
            },
        ]
    }

    static var renewalCases: [ConformanceCase] {
        [
            ConformanceCase("a renewal replaces grant and credentials and keeps the rest") { harness in
                let id = try await harness.insertSample()
                let before = try await harness.stored(id).connection
                harness.clock.advance(by: .seconds(5))
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                let renewal = try Sample.renewal(of: id)
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(), owner: owner, as: .renewed(renewal, Sample.sealed("new", key: 3))
                    ))
                let after = try await harness.stored(id)
                #expect(after.credentials == Sample.sealed("new", key: 3))
                let connection = after.connection
                #expect(connection.terms == renewal.terms)
                #expect((connection.status, connection.statusReason) == (.active, nil))
                #expect((connection.revision, connection.credentialsRevision) == (2, 2))
                #expect((connection.workspaceID, connection.userID) == (before.workspaceID, before.userID))
                #expect(connection.integrationID == before.integrationID)
                #expect((connection.label, connection.createdAt) == (before.label, before.createdAt))
                #expect(connection.updatedAt == harness.clock.now.timestamp)
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(), owner: .random())
                        == .finished(.success(id)))
            },
            ConformanceCase("a renewal that could not compare the account says so until one does") {
                harness in
                let id = try await harness.insertSample()
                #expect(try await harness.stored(id).connection.isAccountCompared)
                for (number, isCompared) in [(1, false), (2, false), (3, true)] as [(UInt8, Bool)] {
                    let owner = try await harness.holdFlow(Sample.flow(number), Sample.code())
                    let renewal = try Sample.renewal(
                        of: id, ifRevision: Int64(number) * 2 - 1, isAccountCompared: isCompared)
                    #expect(
                        try await harness.store.finish(
                            flow: Sample.flow(number), owner: owner,
                            as: .renewed(renewal, Sample.sealed("new"))))
                    let changed = try await harness.store.update(
                        id, workspaceID: Sample.workspaceID, ifRevision: Int64(number) * 2,
                        ConnectionChanges(label: "changed"))
                    #expect(changed.isAccountCompared == isCompared)
                    #expect(try await harness.stored(id).connection.isAccountCompared == isCompared)
                }
            },
            ConformanceCase("a renewal based on an old revision changes nothing, and may be tried again") {
                harness in
                let id = try await harness.insertSample()
                let before = try await harness.stored(id)
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                await #expect(throws: StoreError.revisionConflict) {
                    try await harness.store.finish(
                        flow: Sample.flow(), owner: owner,
                        as: .renewed(Sample.renewal(of: id, ifRevision: 2), Sample.sealed("new")))
                }
                #expect(try await harness.stored(id) == before)
                #expect(
                    try await harness.claim(Sample.flow(), Sample.code(), owner: .random())
                        == .pending(sameCode: true))
                #expect(
                    try await harness.store.finish(
                        flow: Sample.flow(), owner: owner,
                        as: .renewed(Sample.renewal(of: id), Sample.sealed("new"))))
            },
            ConformanceCase("S22 a renewal does not find a deleted connection, or another workspace's") {
                harness in
                let id = try await harness.insertSample()
                let before = try await harness.stored(id)
                let owner = try await harness.holdFlow(Sample.flow(), Sample.code())
                for renewal in [
                    try Sample.renewal(of: id, workspaceID: "wsp_two"), try Sample.renewal(of: .random()),
                ] {
                    await #expect(throws: StoreError.notFound) {
                        try await harness.store.finish(
                            flow: Sample.flow(), owner: owner, as: .renewed(renewal, Sample.sealed("new")))
                    }
                }
                #expect(try await harness.stored(id) == before)
            },
        ]
    }
}
