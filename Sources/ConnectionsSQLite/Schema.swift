import Connections
import GRDB

/// The tables, version by version; a version that has been released is never edited.
///
/// Times with `_ms` are milliseconds since 1970 on the database's clock, `_s` seconds since 1970 as a
/// provider counts.
enum Schema {
    static func migrate(_ pool: DatabasePool) throws {
        try pool.read(requireOurs)
        try migrator.migrate(pool)
    }

    /// Throws if a newer version has changed the tables, in a way that this one knows nothing of.
    private static func requireOurs(_ database: Database) throws {
        guard try !migrator.hasBeenSuperseded(database) else {
            throw StoreError.newer
        }
    }

    static let migrations = [
        StoreMigration(version: 1, sql: version1), StoreMigration(version: 2, sql: version2),
        StoreMigration(version: 3, sql: version3), StoreMigration(version: 4, sql: version4),
        StoreMigration(version: 5, sql: version5), StoreMigration(version: 6, sql: version6),
        StoreMigration(version: 7, sql: version7),
        StoreMigration(version: 8, sql: version8), StoreMigration(version: 9, sql: version9),
        StoreMigration(version: 10, sql: version10), StoreMigration(version: 11, sql: version11),
        StoreMigration(version: 12, sql: version12), StoreMigration(version: 13, sql: version13),
    ]

    /// What is left to do.
    /// - Throws: if the tables are a newer version's.
    static func pending(_ database: Database) throws -> [StoreMigration] {
        try requireOurs(database)
        let applied = try migrator.appliedIdentifiers(database)
        return migrations.filter { !applied.contains(String($0.version)) }
    }

    /// The newest version that was made; 0 if none was.
    static func version(_ database: Database) throws -> Int {
        try migrator.appliedIdentifiers(database).compactMap { Int($0) }.max() ?? 0
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            migrator.registerMigration(String(migration.version)) { database in
                try database.execute(sql: migration.sql)
            }
        }
        return migrator
    }

    /// Credentials have a table of their own, so that no list of connections reads them, and nothing but a
    /// refresh or a renewal rewrites them.
    private static let version1 = """
        CREATE TABLE claims (
            flow_id BLOB PRIMARY KEY NOT NULL CHECK (length(flow_id) = 16),
            codes BLOB NOT NULL CHECK (length(codes) IN (32, 64, 96)),
            owner BLOB NOT NULL CHECK (length(owner) = 16),
            phase TEXT NOT NULL CHECK (phase IN ('held', 'free', 'success', 'failure')),
            lease_ends_at_ms INTEGER CHECK ((lease_ends_at_ms IS NOT NULL) = (phase = 'held')),
            connection_id TEXT CHECK ((connection_id IS NOT NULL) = (phase = 'success')),
            error TEXT CHECK ((error IS NOT NULL) = (phase = 'failure')),
            error_description TEXT CHECK ((error_description IS NOT NULL) = (phase = 'failure')),
            kept_until_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX claims_by_kept_until ON claims (kept_until_ms);

        CREATE TABLE connections (
            id TEXT PRIMARY KEY NOT NULL,
            workspace_id TEXT NOT NULL,
            user_id TEXT,
            integration_id TEXT NOT NULL,
            integration_type TEXT NOT NULL,
            auth_method_id TEXT NOT NULL,
            label TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'testing', 'error', 'expired')),
            status_reason TEXT,
            scopes_requested TEXT NOT NULL CHECK (json_valid(scopes_requested)),
            scopes_granted TEXT NOT NULL CHECK (json_valid(scopes_granted)),
            config TEXT NOT NULL CHECK (json_valid(config)),
            account_id TEXT,
            account_label TEXT CHECK (account_label IS NULL OR account_id IS NOT NULL),
            binding TEXT NOT NULL CHECK (binding IN ('confirmed', 'direct')),
            flow_id BLOB NOT NULL CHECK (length(flow_id) = 16),
            revision INTEGER NOT NULL CHECK (revision >= 1),
            credentials_revision INTEGER NOT NULL CHECK (credentials_revision BETWEEN 1 AND revision),
            created_at_ms INTEGER NOT NULL,
            updated_at_ms INTEGER NOT NULL,
            last_refreshed_at_ms INTEGER,
            expires_at_s INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX connections_by_creation ON connections (workspace_id, created_at_ms DESC, id DESC);

        CREATE TABLE credentials (
            connection_id TEXT PRIMARY KEY NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
            sealed BLOB NOT NULL,
            key_id INTEGER NOT NULL CHECK (key_id BETWEEN 0 AND 4294967295),
            refresh_owner BLOB CHECK (length(refresh_owner) = 16),
            refresh_ends_at_ms INTEGER
        ) STRICT;
        CREATE INDEX credentials_by_key ON credentials (key_id);
        """

    /// What older versions do not know stays empty, and means that it is not known.
    private static let version2 = """
        ALTER TABLE connections ADD COLUMN client BLOB CHECK (length(client) = 16);
        ALTER TABLE connections ADD COLUMN token_lifetime_s INTEGER;
        ALTER TABLE connections ADD COLUMN is_expiry_final INTEGER CHECK (is_expiry_final IN (0, 1));
        CREATE INDEX connections_by_account ON connections (integration_id, account_id, user_id);
        """

    private static let version3 = """
        ALTER TABLE connections ADD COLUMN tags TEXT CHECK (tags IS NULL OR json_valid(tags));
        """

    /// Rows that have never been swept are due at once; `NULL` is never.
    private static let version4 = """
        ALTER TABLE connections ADD COLUMN sweep_at_ms INTEGER DEFAULT 0;
        ALTER TABLE connections ADD COLUMN token_read_at_ms INTEGER;
        ALTER TABLE connections ADD COLUMN reauthorize_by_s INTEGER;
        CREATE INDEX connections_by_sweep ON connections (sweep_at_ms) WHERE sweep_at_ms IS NOT NULL;
        CREATE INDEX connections_by_user ON connections (workspace_id, user_id, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_integration
            ON connections (workspace_id, integration_id, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_expiry ON connections (workspace_id, expires_at_s)
            WHERE expires_at_s IS NOT NULL;
        CREATE INDEX connections_by_reauthorization ON connections (workspace_id, reauthorize_by_s)
            WHERE reauthorize_by_s IS NOT NULL;
        """

    /// SQLite changes no constraint, so the table is made again. GRDB leaves foreign keys alone meanwhile, and checks them
    /// at the end.
    private static let version5 = """
        CREATE TABLE connections_5 (
            id TEXT PRIMARY KEY NOT NULL,
            workspace_id TEXT NOT NULL,
            user_id TEXT,
            integration_id TEXT NOT NULL,
            integration_type TEXT NOT NULL,
            auth_method_id TEXT NOT NULL,
            label TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'testing', 'error', 'expired')),
            status_reason TEXT,
            scopes_requested TEXT NOT NULL CHECK (json_valid(scopes_requested)),
            scopes_granted TEXT NOT NULL CHECK (json_valid(scopes_granted)),
            config TEXT NOT NULL CHECK (json_valid(config)),
            account_id TEXT,
            account_label TEXT CHECK (account_label IS NULL OR account_id IS NOT NULL),
            binding TEXT NOT NULL CHECK (binding IN ('confirmed', 'screen', 'direct', 'imported')),
            flow_id BLOB NOT NULL CHECK (length(flow_id) = 16),
            revision INTEGER NOT NULL CHECK (revision >= 1),
            credentials_revision INTEGER NOT NULL CHECK (credentials_revision BETWEEN 1 AND revision),
            created_at_ms INTEGER NOT NULL,
            updated_at_ms INTEGER NOT NULL,
            last_refreshed_at_ms INTEGER,
            expires_at_s INTEGER,
            client BLOB CHECK (length(client) = 16),
            token_lifetime_s INTEGER,
            is_expiry_final INTEGER CHECK (is_expiry_final IN (0, 1)),
            tags TEXT CHECK (tags IS NULL OR json_valid(tags)),
            sweep_at_ms INTEGER DEFAULT 0,
            token_read_at_ms INTEGER,
            reauthorize_by_s INTEGER
        ) STRICT, WITHOUT ROWID;
        INSERT INTO connections_5
            SELECT id, workspace_id, user_id, integration_id, integration_type, auth_method_id, label, status,
                status_reason, scopes_requested, scopes_granted, config, account_id, account_label, binding,
                flow_id, revision, credentials_revision, created_at_ms, updated_at_ms, last_refreshed_at_ms,
                expires_at_s, client, token_lifetime_s, is_expiry_final, tags, sweep_at_ms, token_read_at_ms,
                reauthorize_by_s
            FROM connections;
        DROP TABLE connections;
        ALTER TABLE connections_5 RENAME TO connections;
        CREATE INDEX connections_by_creation ON connections (workspace_id, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_account ON connections (integration_id, account_id, user_id);
        CREATE INDEX connections_by_sweep ON connections (sweep_at_ms) WHERE sweep_at_ms IS NOT NULL;
        CREATE INDEX connections_by_user ON connections (workspace_id, user_id, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_integration
            ON connections (workspace_id, integration_id, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_expiry ON connections (workspace_id, expires_at_s)
            WHERE expires_at_s IS NOT NULL;
        CREATE INDEX connections_by_reauthorization ON connections (workspace_id, reauthorize_by_s)
            WHERE reauthorize_by_s IS NOT NULL;
        """

    /// Without a reference: what happened to a connection outlives it for a while.
    private static let version6 = """
        CREATE TABLE connection_events (
            connection_id TEXT NOT NULL,
            number INTEGER NOT NULL CHECK (number >= 1),
            workspace_id TEXT NOT NULL,
            type TEXT NOT NULL,
            at_ms INTEGER NOT NULL,
            detail TEXT,
            actor TEXT NOT NULL,
            kept_until_ms INTEGER,
            PRIMARY KEY (connection_id, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX connection_events_by_kept_until ON connection_events (kept_until_ms)
            WHERE kept_until_ms IS NOT NULL;
        """

    /// A message that was given up has no `next_at_ms`. A connection has the end of its grant that was announced.
    private static let version7 = """
        CREATE TABLE webhook_messages (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            workspace_id TEXT NOT NULL,
            url TEXT NOT NULL,
            subject TEXT NOT NULL,
            type TEXT NOT NULL,
            body TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            next_at_ms INTEGER,
            owner BLOB CHECK (length(owner) = 16),
            last_error TEXT
        ) STRICT;
        CREATE INDEX webhook_messages_by_target ON webhook_messages (workspace_id, url, subject, number)
            WHERE next_at_ms IS NOT NULL;
        CREATE INDEX webhook_messages_by_next ON webhook_messages (next_at_ms);
        ALTER TABLE connections ADD COLUMN reauthorize_announced_s INTEGER;
        """

    /// What was revoked is kept for good. Without references: it outlives the connections.
    private static let version8 = """
        CREATE TABLE revocations (
            id TEXT PRIMARY KEY NOT NULL,
            workspace_id TEXT,
            integration_id TEXT,
            user_id TEXT,
            since_s INTEGER,
            is_dry_run INTEGER NOT NULL CHECK (is_dry_run IN (0, 1)),
            matched_count INTEGER NOT NULL,
            actor TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE revocation_grants (
            revocation_id TEXT NOT NULL,
            connection_id TEXT NOT NULL,
            workspace_id TEXT NOT NULL,
            integration_id TEXT NOT NULL,
            attempt_count INTEGER NOT NULL,
            due_at_ms INTEGER CHECK ((due_at_ms IS NULL) = (outcome IS NOT NULL)),
            outcome TEXT CHECK (outcome IN ('revoked', 'refused', 'not_possible', 'unknown')),
            reason TEXT,
            concluded_at_ms INTEGER CHECK ((concluded_at_ms IS NOT NULL) = (outcome IS NOT NULL)),
            PRIMARY KEY (revocation_id, connection_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX revocation_grants_by_due ON revocation_grants (due_at_ms) WHERE due_at_ms IS NOT NULL;
        CREATE INDEX revocation_grants_by_connection ON revocation_grants (connection_id);
        """

    private static let version9 = """
        CREATE TABLE api_key_uses (
            key_id TEXT PRIMARY KEY NOT NULL,
            used_at_s INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// The flow of the renewal whose account could not be compared with the one before.
    private static let version10 = """
        ALTER TABLE connections ADD COLUMN uncompared_flow_id BLOB CHECK (length(uncompared_flow_id) = 16);
        """

    /// Lists by label, status and tag. A connection that is over, and still said to be active, is found by its end. Tags are
    /// copied by triggers, which whatever writes the rows cannot forget. A version that makes `connections` again has to make
    /// them again, too.
    private static let version11 = """
        CREATE INDEX connections_by_label ON connections (workspace_id, label, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_status ON connections (workspace_id, status, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_final_expiry ON connections
            (workspace_id, CASE WHEN status = 'active' AND is_expiry_final = 1 THEN expires_at_s END)
            WHERE is_expiry_final = 1;
        CREATE TABLE connection_tags (
            connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            workspace_id TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL,
            PRIMARY KEY (connection_id, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX connection_tags_by_value
            ON connection_tags (workspace_id, name, value, created_at_ms DESC, connection_id DESC);
        CREATE TRIGGER connection_tags_insert AFTER INSERT ON connections WHEN NEW.tags IS NOT NULL BEGIN
            \(copyTags(of: "NEW"));
        END;
        CREATE TRIGGER connection_tags_update AFTER UPDATE OF tags, workspace_id, created_at_ms ON connections
        WHEN (OLD.tags, OLD.workspace_id, OLD.created_at_ms) IS NOT (NEW.tags, NEW.workspace_id, NEW.created_at_ms)
        BEGIN
            DELETE FROM connection_tags WHERE connection_id = NEW.id;
            \(copyTags(of: "NEW"));
        END;
        \(copyTags(of: "connections", from: "connections, "));
        """

    /// The trace of the change that a message tells of.
    private static let version12 = """
        ALTER TABLE webhook_messages ADD COLUMN traceparent TEXT;
        """

    /// Of a claim whose flow somebody wants to be told of: what to tell, and when, unless something came of it until then.
    /// Both are empty in every other claim, so that the index has few rows. Grants of a revocation are
    /// listed by their outcome.
    private static let version13 = """
        ALTER TABLE claims ADD COLUMN subject TEXT;
        ALTER TABLE claims ADD COLUMN announce_at_ms INTEGER;
        CREATE INDEX claims_by_announcement ON claims (announce_at_ms) WHERE announce_at_ms IS NOT NULL;
        CREATE INDEX revocation_grants_by_outcome ON revocation_grants (revocation_id, outcome, connection_id);
        """

    /// - Parameter table: what to read before the tags, with a comma behind it.
    private static func copyTags(of row: String, from table: String = "") -> String {
        """
        INSERT OR IGNORE INTO connection_tags
            SELECT \(row).id, tag.key, tag.value, \(row).workspace_id, \(row).created_at_ms
            FROM \(table)json_each(CASE WHEN json_valid(\(row).tags) THEN \(row).tags ELSE '{}' END) AS tag
            WHERE tag.type = 'text'
        """
    }
}
