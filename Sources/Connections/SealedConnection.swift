/// A connection and its credentials, still sealed, as one read saw them.
package struct SealedConnection: Sendable, Hashable {
    package let connection: Connection
    package let credentials: SealedCredentials

    package init(connection: Connection, credentials: SealedCredentials) {
        self.connection = connection
        self.credentials = credentials
    }
}

/// What a deletion took away.
package enum DeletedConnection: Sendable, Hashable {
    case whole(SealedConnection)
    /// Its row could not be read, so its grant cannot be revoked.
    case unreadable(RowFault)

    package var sealed: SealedConnection? {
        if case .whole(let sealed) = self { sealed } else { nil }
    }
}
