package import StateTokens

/// Something that happened to a connection, kept so that support can say why it stopped.
///
/// Written in the transaction of the change itself: there is no change without its event, and no event without its
/// change.
package struct ConnectionEvent: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A flow made it.
        case created
        /// A flow put another grant in its place.
        case renewed
        /// A person or an app changed what it says of itself, or switched it off or on.
        case updated
        case refreshed
        case refreshFailed = "refresh_failed"
        /// The provider no longer honours the grant; only a renewal helps.
        case expired
        /// Its grant ends within ``reauthorizationNotice``, and only the user can renew it.
        case reauthorizeSoon = "reauthorize_soon"
        case deleted
        /// The provider confirmed that its grant is revoked: after it was deleted, or in a revocation of many grants.
        case revoked
    }

    /// How long before its end a grant that only the user can renew is announced.
    package static let reauthorizationNotice = Duration.seconds(7 * 86_400)
    /// How many are kept of each connection, the newest.
    package static let keptCount = 50
    /// No connection has so many; a row that says so is damaged, and others are numbered as if it were not there.
    package static let numberLimit: Int64 = 1 << 62
    /// How long those of a deleted connection are kept.
    package static let retention = Duration.seconds(30 * 86_400)

    /// A later release may have written a kind that this one does not know.
    package let type: String
    /// Why, or what changed; `nil` if there is no more to say.
    package let detail: String?
    package let actor: String
    /// Counts a connection's events from 1.
    package let number: Int64
    let time: DatabaseTime

    package var at: Timestamp { time.timestamp }
}

/// What the event of a change says beside what changed.
package struct EventNote: Sendable, Hashable {
    /// Symbolon itself, without being asked.
    package static let system = "symbolon"
    /// The end user, in the browser of a flow.
    package static let user = "user"

    /// A code or a sentence of ours, never a secret.
    package let detail: String?
    /// The id of the credential that asked for the change, else ``system`` or ``user``.
    package let actor: String
    /// The flow that ends, so that its workspace is told if it failed.
    package let flow: FlowSubject?

    package init(detail: String? = nil, actor: String = EventNote.system, flow: FlowSubject? = nil) {
        self.detail = detail
        self.actor = actor
        self.flow = flow
    }
}

// MARK: Columns

extension ConnectionEvent {
    /// The columns of the table `connection_events` that are written with an event.
    package static let columns: [StoredColumn] = [
        StoredColumn("connection_id", .text), StoredColumn("number", .integer),
        StoredColumn("workspace_id", .text), StoredColumn("type", .text), StoredColumn("at_ms", .integer),
        StoredColumn("detail", .text), StoredColumn("actor", .text),
    ]

    package func values(of id: ConnectionID, workspaceID: String) -> [StoredValue] {
        [
            .text(id.description), .integer(number), .text(workspaceID), .text(type),
            .integer(time.millisecondsSinceEpoch), .optional(detail), .text(actor),
        ]
    }

    package init(_ row: inout ColumnReader) throws(RowFault) {
        _ = try row.text()
        number = try row.integer(in: 1...(.max - 1))
        _ = try row.text()
        type = try row.text()
        time = DatabaseTime(millisecondsSinceEpoch: try row.integer(in: Connection.moments))
        detail = try row.optionalText()
        actor = try row.text()
    }

    /// `nil` for a row that cannot be read.
    package init?(readable values: [StoredValue]) {
        var reader = ColumnReader(Self.columns, values)
        do throws(RowFault) {
            try self.init(&reader)
        } catch {
            return nil
        }
    }

    init(_ kind: Kind, _ note: EventNote, number: Int64, at time: DatabaseTime) {
        type = kind.rawValue
        detail = note.detail?.storableDetail
        actor = note.actor.storableDetail ?? EventNote.system
        self.number = number
        self.time = time
    }
}

extension String {
    /// At most 500 characters that a store can hold; `nil` if none are left.
    fileprivate var storableDetail: String? {
        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: unicodeScalars.filter { $0.value != 0 }.prefix(500))
        return kept.isEmpty ? nil : String(kept)
    }
}
