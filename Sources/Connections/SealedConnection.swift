/// A connection and its credentials, still sealed, as one read saw them.
package struct SealedConnection: Sendable, Hashable {
    package let connection: Connection
    package let credentials: SealedCredentials

    package init(connection: Connection, credentials: SealedCredentials) {
        self.connection = connection
        self.credentials = credentials
    }
}
