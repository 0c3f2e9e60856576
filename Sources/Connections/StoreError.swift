/// Why a store did not do what it was asked.
package enum StoreError: Error, Equatable {
    /// It can't be reached, is busy, full or read-only: nothing is known to be wrong with what it holds. Try
    /// later.
    case unavailable(reason: String, kind: StoreOutage = .other)
    /// What it holds, or was given to hold, breaks its own rules. Trying again does not help.
    case corrupt(reason: String)
    /// The connection's row cannot be read. It can be deleted all the same.
    case unreadable(RowFault)
    /// The row has another revision than the one that the change was based on. Read it again.
    case revisionConflict
    /// The workspace has no such connection.
    case notFound
    /// A connection with this id exists already.
    case alreadyExists
    /// There is a connection of the same user, client and account, which a flow is to renew.
    case alreadyConnected(Connection)
    /// The cursor is not one that a page bore.
    case badCursor
}

/// In words, as logs have it. No stored value is in it.
extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let reason, .newer): reason
        case .unavailable(let reason, _): "the store cannot be reached: \(reason)"
        case .corrupt(let reason): "the store cannot be used: \(reason)"
        case .unreadable(let fault): "a row cannot be read: \(fault)"
        case .revisionConflict: "the row was changed in the meantime"
        case .notFound: "there is no such row"
        case .alreadyExists: "there is such a row already"
        case .alreadyConnected(let connection): "the account is connected already, as \(connection.id)"
        case .badCursor: "the cursor was not made by this service"
        }
    }
}

extension StoreError {
    /// A later release has brought the tables to a version that this program cannot work with.
    package static let newer = StoreError.unavailable(
        reason:
            "the database is newer than this program: a later release of symbolon has changed its tables. Use "
            + "that release, or a copy of the database from before", kind: .newer)

    /// All that a stranger may learn.
    package var publicCode: String {
        switch self {
        case .unavailable(_, let kind): kind.rawValue
        case .corrupt: "corrupt"
        case .unreadable, .revisionConflict, .notFound, .alreadyExists, .alreadyConnected, .badCursor:
            StoreOutage.other.rawValue
        }
    }
}
