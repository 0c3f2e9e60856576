/// A connection's two rows, as one read saw them.
package struct SealedRecord: Sendable, Hashable {
    package var connection: ConnectionRecord
    package var credentials: CredentialsRecord

    package init(connection: ConnectionRecord, credentials: CredentialsRecord) {
        self.connection = connection
        self.credentials = credentials
    }

    /// The columns of both, those of the connection first.
    package static let columns = ConnectionRecord.columns + CredentialsRecord.columns

    package init(_ row: inout ColumnReader) throws(RowFault) {
        let connection = try ConnectionRecord(&row)
        do throws(RowFault) {
            self.init(connection: connection, credentials: try CredentialsRecord(&row))
        } catch RowFault("connection_id", .missing) {
            // No row of credentials was joined.
            throw RowFault("sealed", .missing)
        }
    }

    var sealedConnection: SealedConnection {
        SealedConnection(connection: connection.connection, credentials: credentials.credentials)
    }
}
