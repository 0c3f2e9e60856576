package import StateTokens

/// Which connections a revocation is about: those that match everything that is said.
package struct RevocationFilter: Sendable, Hashable {
    /// `nil`: all workspaces.
    package let workspaceID: String?
    package let integrationID: String?
    package let userID: String?
    /// Those that were made, renewed, refreshed or changed at that time or later, or whose access token was handed out.
    package let since: Timestamp?

    package init(
        workspaceID: String? = nil, integrationID: String? = nil, userID: String? = nil,
        since: Timestamp? = nil
    ) {
        self.workspaceID = workspaceID
        self.integrationID = integrationID
        self.userID = userID
        self.since = since
    }

    /// Whether it says nothing, so that every connection would match.
    package var isEmpty: Bool {
        workspaceID == nil && integrationID == nil && userID == nil && since == nil
    }

    /// Whether a row can match it at all.
    package var isStorable: Bool {
        [workspaceID, integrationID, userID].allSatisfy { $0?.isStorable ?? true }
    }
}

/// A revocation that is to begin.
package struct NewRevocation: Sendable, Hashable {
    package let id: RevocationID
    package let filter: RevocationFilter
    /// Counts what matches, and changes nothing.
    package let isDryRun: Bool
    /// The id of the credential that asks for it, else ``EventNote/system``.
    package let actor: String

    package init(id: RevocationID, filter: RevocationFilter, isDryRun: Bool = false, actor: String) {
        self.id = id
        self.filter = filter
        self.isDryRun = isDryRun
        self.actor = actor
    }
}

/// What became of a grant that was to be revoked.
package enum RevocationOutcome: String, Sendable, Hashable {
    /// The provider confirmed it.
    case revoked
    /// The provider rejected it.
    case refused
    /// The provider has no way to do it, the integration has another client now, or the credentials cannot be read.
    case notPossible = "not_possible"
    /// Other connections live by the same grant, so it was left alone. A row holds ``notPossible`` with this as its reason.
    case shared
    /// The provider did not respond, or could not be asked, or the connection was deleted meanwhile.
    case unknown

    /// All that a row may hold.
    package static let stored: [RevocationOutcome] = [.revoked, .refused, .notPossible, .unknown]

    /// As a row has it; `nil` for any other text.
    init?(stored text: String) {
        guard let outcome = RevocationOutcome(rawValue: text), Self.stored.contains(outcome) else {
            return nil
        }
        self = outcome
    }

    /// What the connection's status says from then on.
    package var statusReason: String {
        switch self {
        case .revoked: "Its grant was revoked at the provider."
        case .refused: "The provider refused to revoke its grant."
        case .notPossible, .shared: "Its grant could not be revoked at the provider."
        case .unknown: "Whether its grant was revoked at the provider is not known."
        }
    }
}

/// The progress of one grant of a revocation.
package enum GrantProgress: Sendable, Hashable {
    /// Its outcome is not known yet.
    case left
    case concluded(RevocationOutcome)

    package static let all = RevocationOutcome.stored.map { GrantProgress.concluded($0) } + [.left]

    package init?(_ text: String) {
        guard let found = Self.all.first(where: { $0.name == text }) else { return nil }
        self = found
    }

    package var name: String {
        switch self {
        case .left: "left"
        case .concluded(let outcome): outcome.rawValue
        }
    }

    /// A condition of a row, and the value that it names by the parameter.
    package func condition(_ parameter: String) -> (sql: String, values: [StoredValue]) {
        switch self {
        case .left: ("AND outcome IS NULL", [])
        case .concluded(let outcome): ("AND outcome = \(parameter)", [.text(outcome.rawValue)])
        }
    }
}

/// How far a revocation has come.
package struct RevocationCounts: Sendable, Hashable {
    package internal(set) var revoked = 0
    package internal(set) var refused = 0
    package internal(set) var notPossible = 0
    package internal(set) var unknown = 0
    /// Those of which it is not yet known; of a dry run all that match.
    package internal(set) var left = 0

    package init() {}
}

/// A revocation of many grants, as a store's rows have it. Its connections are inactive from the moment that it exists.
package struct Revocation: Sendable, Hashable {
    package let id: RevocationID
    package let filter: RevocationFilter
    package let isDryRun: Bool
    package let actor: String
    package let createdAt: Timestamp
    /// When the last of its grants was concluded; `nil` as long as one is left.
    package let finishedAt: Timestamp?
    package let counts: RevocationCounts

    package var isFinished: Bool { finishedAt != nil }
}

/// One grant of a revocation, for a worker to revoke now.
package struct RevocationTask: Sendable, Hashable {
    package let revocationID: RevocationID
    /// Whatever the row's id looks like.
    package let connectionID: String
    package let workspaceID: String
    package let integrationID: String
    /// Who asked for the revocation.
    package let actor: String
    /// How many times the provider was asked in vain.
    package let attemptCount: Int
    /// How long ago the revocation began.
    package let age: Duration
}

/// What the moment before its revocation finds of a grant.
package enum RevocationTarget: Sendable, Hashable {
    /// The connection was deleted meanwhile.
    case notFound
    case unreadable(RowFault)
    /// A refresh holds the connection, whose tokens may be others in a moment.
    case leased(remaining: Duration)
    /// `sharers` live by the same grant, and are not being revoked.
    case ready(SealedConnection, sharers: [GrantSharer])
}

/// One grant of a revocation, as its report shows it.
package struct RevocationEntry: Sendable, Hashable {
    package let connectionID: String
    package let workspaceID: String
    package let integrationID: String
    /// `nil`: not yet known.
    package let outcome: RevocationOutcome?
    /// Why, in a word of ours.
    package let reason: String?
    package let concludedAt: Timestamp?
}

// MARK: Columns

extension Revocation {
    /// The columns of the table `revocations`.
    package static let columns: [StoredColumn] = [
        StoredColumn("id", .text), StoredColumn("workspace_id", .text), StoredColumn("integration_id", .text),
        StoredColumn("user_id", .text), StoredColumn("since_s", .integer),
        StoredColumn("is_dry_run", .integer), StoredColumn("matched_count", .integer),
        StoredColumn("actor", .text), StoredColumn("created_at_ms", .integer),
    ]

    /// - Parameter outcomes: of each outcome that its grants have, or of none, how many and when the last one was concluded.
    init(
        _ row: inout ColumnReader, outcomes: [(outcome: String?, count: Int, last: DatabaseTime?)]
    ) throws(RowFault) {
        id = try row.value { RevocationID($0) }
        filter = RevocationFilter(
            workspaceID: try row.optionalText(), integrationID: try row.optionalText(),
            userID: try row.optionalText(),
            since: try row.optionalInteger(in: Connection.times).map { Timestamp(secondsSinceEpoch: $0) })
        isDryRun = try row.integer(in: 0...1) == 1
        let matchedCount = Int(clamping: try row.integer(in: 0 ... .max))
        actor = try row.text()
        let created = DatabaseTime(millisecondsSinceEpoch: try row.integer(in: Connection.moments))
        createdAt = created.timestamp
        var counts = RevocationCounts()
        var last = created
        for (outcome, count, time) in outcomes {
            switch outcome.map({ RevocationOutcome(stored: $0) }) {
            case .revoked?: counts.revoked = count
            case .refused?: counts.refused = count
            case .notPossible?: counts.notPossible = count
            case .unknown?: counts.unknown = count
            case .shared?, .some(nil): throw RowFault("outcome", .unknownValue)
            case nil: counts.left = count
            }
            if let time { last = max(last, time) }
        }
        finishedAt = counts.left == 0 ? last.timestamp : nil
        if isDryRun { counts.left = matchedCount }
        self.counts = counts
    }
}

extension NewRevocation {
    /// One for each column of ``Revocation/columns``.
    func values(matchedCount: Int, at now: DatabaseTime) -> [StoredValue] {
        [
            .text(id.description), .optional(filter.workspaceID), .optional(filter.integrationID),
            .optional(filter.userID), .optional(filter.since?.secondsSinceEpoch),
            .integer(isDryRun ? 1 : 0), .integer(Int64(matchedCount)), .text(actor),
            .integer(now.millisecondsSinceEpoch),
        ]
    }
}

extension RevocationTask {
    /// What a store selects for it; the last two are the revocation's own.
    package static let columns: [StoredColumn] = [
        StoredColumn("revocation_id", .text), StoredColumn("connection_id", .text),
        StoredColumn("workspace_id", .text), StoredColumn("integration_id", .text),
        StoredColumn("attempt_count", .integer), StoredColumn("actor", .text),
        StoredColumn("created_at_ms", .integer),
    ]

    init(_ row: inout ColumnReader, now: DatabaseTime) throws(RowFault) {
        revocationID = try row.value { RevocationID($0) }
        connectionID = try row.text()
        workspaceID = try row.text()
        integrationID = try row.text()
        attemptCount = Int(clamping: try row.integer(in: 0 ... .max))
        actor = try row.text()
        let created = DatabaseTime(millisecondsSinceEpoch: try row.integer(in: Connection.moments))
        age = now.remaining(at: created)
    }
}

extension RevocationEntry {
    package static let columns: [StoredColumn] = [
        StoredColumn("connection_id", .text), StoredColumn("workspace_id", .text),
        StoredColumn("integration_id", .text), StoredColumn("outcome", .text), StoredColumn("reason", .text),
        StoredColumn("concluded_at_ms", .integer),
    ]

    init(_ row: inout ColumnReader) throws(RowFault) {
        connectionID = try row.text()
        workspaceID = try row.text()
        integrationID = try row.text()
        if let text = try row.optionalText() {
            guard let known = RevocationOutcome(stored: text) else { throw row.fault(.unknownValue) }
            outcome = known
        } else {
            outcome = nil
        }
        reason = try row.optionalText()
        concludedAt = try row.optionalInteger(in: Connection.moments).map {
            DatabaseTime(millisecondsSinceEpoch: $0).timestamp
        }
    }
}
