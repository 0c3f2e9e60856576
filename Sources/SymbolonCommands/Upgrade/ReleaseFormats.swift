import Access
import Connections
import ConnectionsSQLite
import Keyrings
import StateTokens

#if PostgreSQL
import ConnectionsPostgreSQL
#endif

/// What replicas of two releases share while one takes the place of the other: tables and what is in their rows, states,
/// keyrings and API keys.
struct ReleaseFormats: Equatable {
    /// The version of the tables, in SQLite and in PostgreSQL.
    var tables: Int
    /// The first octet of a state's record.
    var stateRecord: Int
    /// The optional fields of a record that are known, a bit each.
    var stateFields: UInt16
    /// The version of keyring files.
    var keyring: Int
    /// The names in a keyring file.
    var keyringFields: Set<String>
    /// The names in an API key's entry of its file; others are ignored.
    var apiKeyFields: Set<String>
    /// What an API key may permit; a file that names another permission is rejected.
    var permissions: Set<String>
    /// How a connection's flow was bound to its user; a row that says otherwise is unreadable.
    var bindings: Set<String>
    /// The optional fields of sealed credentials that are known, a bit each; those with others do not open.
    var credentialFields: UInt8
}

extension ReleaseFormats {
    /// What each earlier release has; a row is written when its release is tagged, and stays as it is.
    static let released: [(version: String, formats: ReleaseFormats)] = [
        (
            "0.1.0",
            ReleaseFormats(
                tables: 3, stateRecord: 1, stateFields: 0b111_1111_1111, keyring: 1,
                keyringFields: [
                    "version", "purpose", "deployment", "max_lifetime", "propagation", "skew", "keys",
                    "keys[].id", "keys[].material", "keys[].created", "keys[].activates", "keys[].status",
                ],
                apiKeyFields: [
                    "id", "hash", "label", "workspaces", "permissions", "addresses", "expires_at",
                    "created_at", "status",
                ], permissions: ["initiate", "read", "credentials", "admin"],
                bindings: ["confirmed", "direct"], credentialFields: 0b1111)
        )
    ]

    /// What this program has.
    static var current: ReleaseFormats {
        ReleaseFormats(
            tables: sqliteMigrations.last?.version ?? 0, stateRecord: StateRecordFormat.version,
            stateFields: StateRecordFormat.fields, keyring: KeyringDocument.version,
            keyringFields: Set(KeyringDocument.fields), apiKeyFields: Set(APIKeyFile.fields),
            permissions: Set(Permission.allCases.map(\.rawValue)),
            bindings: Set(FlowBinding.allCases.map(\.rawValue)),
            credentialFields: Credentials.knownFields)
    }

    static var sqliteMigrations: [StoreMigration] { SQLiteConnectionStore.migrations }

    #if PostgreSQL
    static var postgreSQLMigrations: [StoreMigration]? { PostgreSQLConnectionStore.migrations }

    /// The oldest version of the tables whose program goes on working with ours in PostgreSQL.
    static var oldestTables: Int? { PostgreSQLConnectionStore.oldestVersion }
    #else
    static var postgreSQLMigrations: [StoreMigration]? { nil }

    /// `nil`, since without PostgreSQL there is one process, and nothing to roll.
    static var oldestTables: Int? { nil }
    #endif

    /// The stores that this program has.
    static var stores: [String] { ["sqlite"] + (postgreSQLMigrations == nil ? [] : ["postgresql"]) }

    /// What `version` has; `nil` if this program does not know.
    static func of(_ version: ReleaseVersion) -> ReleaseFormats? {
        if version.description == Release.version { return current }
        return released.first { $0.version == version.description }?.formats
    }
}
