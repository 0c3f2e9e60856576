package import StateTokens

/// Connections that a sweep has taken.
package struct DueBatch: Sendable, Hashable {
    package let connections: [Connection]
    /// Rows among them that cannot be read.
    package let unreadable: [UnreadableConnection]
    /// Until when no other caller gets them.
    package let leasedUntil: DatabaseTime
    /// Whether there may be more.
    package let isFull: Bool

    package init(
        connections: [Connection], unreadable: [UnreadableConnection], leasedUntil: DatabaseTime, isFull: Bool
    ) {
        self.connections = connections
        self.unreadable = unreadable
        self.leasedUntil = leasedUntil
        self.isFull = isFull
    }
}

/// When a connection that a sweep had taken is to be looked at next.
package struct SweepVisit: Sendable, Hashable {
    /// The longest time between two visits of a connection, however long its grant lasts: a later plan was made while the
    /// clock was ahead.
    package static let longestDelay = Duration.seconds(3 * 86_400)
    /// What replicas' clocks and the database's may be apart, and more.
    static let longestSkew = Duration.seconds(86_400)

    package let id: ConnectionID
    /// The `leasedUntil` of the batch that it came with.
    package let leasedUntil: DatabaseTime
    /// `nil`: never, until it changes or its token is read.
    package let next: Timestamp?

    package init(_ id: ConnectionID, leasedUntil: DatabaseTime, next: Timestamp?) {
        self.id = id
        self.leasedUntil = leasedUntil
        self.next = next
    }
}

/// Says that a connection's access token was handed out.
package struct TokenRead: Sendable, Hashable {
    package let id: ConnectionID
    /// By when the connection is to be looked at because of it.
    package let sweepBy: Timestamp?

    package init(_ id: ConnectionID, sweepBy: Timestamp?) {
        self.id = id
        self.sweepBy = sweepBy
    }
}

/// How far behind a sweep is.
package struct SweepBacklog: Sendable, Hashable {
    /// Beyond it nothing is counted, so that looking costs little.
    package static let limit = 10_000

    /// How many connections are due, ``limit`` at most.
    package let count: Int
    /// How long the longest of them has been due.
    package let delay: Duration

    package init(count: Int, delay: Duration) {
        self.count = count
        self.delay = delay
    }
}

extension StoredValue {
    /// A count and a moment, as one row of a query has them.
    package static func countAndEarliest(_ row: [StoredValue]?) -> (count: Int, earliest: DatabaseTime?) {
        guard case .integer(let count)? = row?.first else { return (0, nil) }
        guard case .integer(let earliest)? = row?.last else { return (Int(clamping: count), nil) }
        return (Int(clamping: count), DatabaseTime(millisecondsSinceEpoch: earliest))
    }
}
