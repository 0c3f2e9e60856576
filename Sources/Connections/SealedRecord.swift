/// A connection's two rows, as one read saw them.
package struct SealedRecord: Sendable, Hashable {
    package var connection: Connection
    package var credentials: CredentialsRecord

    package init(connection: Connection, credentials: CredentialsRecord) {
        self.connection = connection
        self.credentials = credentials
    }

    /// The columns of both, those of the connection first.
    package static let columns = Connection.columns + CredentialsRecord.columns

    package init(_ row: inout ColumnReader) throws(RowFault) {
        let connection = try Connection(&row)
        do throws(RowFault) {
            self.init(connection: connection, credentials: try CredentialsRecord(&row))
        } catch RowFault("connection_id", .missing) {
            // No row of credentials was joined.
            throw RowFault("sealed", .missing)
        }
    }

    package var sealedConnection: SealedConnection {
        SealedConnection(connection: connection, credentials: credentials.credentials)
    }
}
