/// A connection's two rows, as one read saw them.
package struct SealedRecord: Sendable, Hashable {
    package var connection: ConnectionRecord
    package var credentials: CredentialsRecord

    package init(connection: ConnectionRecord, credentials: CredentialsRecord) {
        self.connection = connection
        self.credentials = credentials
    }

    var sealedConnection: SealedConnection {
        SealedConnection(connection: connection.connection, credentials: credentials.credentials)
    }
}
