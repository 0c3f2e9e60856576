import Connections
import StateTokens
import Testing

/// What lists find by filters that an index of their own leads to.
extension ConformanceCase {
    static var listCases: [ConformanceCase] {
        [
            ConformanceCase("filters together find what each of them does, in order and page by page") {
                harness in
                for number in 0..<25 { try await harness.insert(variant: number) }
                let all = try await harness.store.connections(
                    matching: ConnectionQuery(workspaceID: Sample.workspaceID)
                ).connections
                #expect(all.count == 24)
                for query in ListFilters.together {
                    let wanted = all.filter { query.matches($0) }.map(\.id)
                    var found: [ConnectionID] = []
                    var cursor: String?
                    repeat {
                        let page = try await harness.store.connections(matching: query.query(cursor: cursor))
                        found += page.connections.map(\.id)
                        cursor = page.nextCursor
                    } while cursor != nil && found.count <= all.count
                    #expect(found == wanted, "\(query)")
                    let rest = try await harness.store.connections(matching: query.query(skip: 1))
                    #expect(rest.connections.map(\.id) == Array(wanted.dropFirst().prefix(3)), "\(query)")
                }
            },
            ConformanceCase("a connection is found by its tags of now, in its workspace, until it is deleted")
            {
                harness in
                func found(
                    _ name: String, _ value: String, in workspaceID: String = Sample.workspaceID
                ) async throws -> [ConnectionID] {
                    try await harness.replica.connections(
                        matching: ConnectionQuery(
                            workspaceID: workspaceID, tag: .init(name: name, value: value))
                    ).connections.map(\.id)
                }
                let id = try await harness.insertSample()
                var revision: Int64 = 0
                func tag(_ tags: [String: String]) async throws {
                    revision += 1
                    _ = try await harness.store.update(
                        id, workspaceID: Sample.workspaceID, ifRevision: revision,
                        ConnectionChanges(tags: tags))
                }
                try await tag(["team": "a", "stage": "b"])
                #expect(try await found("team", "a") == [id])
                #expect(try await found("team", "a", in: "wsp_two").isEmpty)
                try await tag(["team": "c", "stage": "b"])
                #expect(try await found("team", "a").isEmpty)
                #expect(try await found("team", "c") == [id])
                #expect(try await found("stage", "b") == [id])
                #expect(try await harness.finishRefresh(id))
                revision += 1
                #expect(try await found("team", "c") == [id])
                try await tag(["team": ""])
                #expect(try await found("team", "") == [id])
                #expect(try await found("stage", "b").isEmpty)
                try await tag([:])
                #expect(try await found("team", "").isEmpty)
                try await tag(["team": "d"])
                _ = try await harness.store.delete(id, workspaceID: Sample.workspaceID)
                #expect(try await found("team", "d").isEmpty)
            },
        ]
    }
}

/// Some of the filters of a list.
private struct ListFilters: CustomStringConvertible {
    var status: ConnectionStatus?
    var label: String?
    var tag: ConnectionQuery.Tag?
    var integrationID: String?
    var userID: String?
    var expiresBefore: Timestamp?

    static let now = Timestamp(secondsSinceEpoch: 1_000)

    static var together: [ListFilters] {
        var all: [ListFilters] = [ListFilters()]
        func each(_ set: (inout ListFilters) -> Void) {
            all += all.map { filters in
                var filters = filters
                set(&filters)
                return filters
            }
        }
        each { $0.label = "Even" }
        each { $0.tag = ConnectionQuery.Tag(name: "third", value: "yes") }
        each { $0.integrationID = "slack" }
        each { $0.userID = "usr_two" }
        each { $0.expiresBefore = now }
        return all
            + ConnectionStatus.allCases.flatMap { status in
                all.map { filters in
                    var filters = filters
                    filters.status = status
                    return filters
                }
            }
    }

    func query(cursor: String? = nil, skip: Int = 0) -> ConnectionQuery {
        ConnectionQuery(
            workspaceID: Sample.workspaceID, integrationID: integrationID, status: status, userID: userID,
            label: label, tag: tag, expiresBefore: expiresBefore, skip: skip, limit: 3, cursor: cursor,
            now: Self.now)
    }

    func matches(_ connection: Connection) -> Bool {
        (status == nil || connection.status(at: Self.now) == status)
            && (label == nil || connection.label == label)
            && (tag.map { connection.tags[$0.name] == $0.value } ?? true)
            && (integrationID == nil || connection.integrationID == integrationID)
            && (userID == nil || connection.userID == userID)
            && (expiresBefore.map { end in connection.expiresAt.map { $0 < end } ?? false } ?? true)
    }

    var description: String { "\(query())" }
}

extension StoreHarness {
    /// One of connections that differ in everything that lists are filtered by.
    fileprivate func insert(variant number: Int) async throws {
        let statuses = ConnectionStatus.allCases
        let ends = [nil, ListFilters.now - .seconds(1), ListFilters.now, ListFilters.now + .seconds(1)]
        let sample = try Sample.connection(.random())
        try await insert(
            NewConnection(
                id: sample.id, workspaceID: number == 24 ? "wsp_two" : sample.workspaceID,
                userID: number % 5 == 0 ? "usr_two" : "usr_one",
                integrationID: number % 4 == 1 ? "slack" : "gmail", label: number % 2 == 0 ? "Even" : "Odd",
                tags: number % 3 == 0 ? ["third": "yes", "number": "\(number)"] : [:],
                // Mostly active, and over by their end or not.
                status: number % 8 < statuses.count ? statuses[number % 8] : .active,
                terms: GrantTerms(
                    authMethodID: "oauth2", scopesRequested: [], scopesGranted: [], config: [:], account: nil,
                    binding: .direct, flowID: sample.terms.flowID, expiresAt: ends[number / 2 % 4],
                    facts: GrantFacts(isExpiryFinal: number % 7 != 0))))
        // Some at the same moment.
        if number % 3 == 0 { clock.advance(by: .milliseconds(1)) }
    }
}
