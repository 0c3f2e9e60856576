#if PostgreSQL
import Connections

/// The tables, version by version; a version that has been released is never edited.
///
/// Replicas of an older version run on while a newer one brings the tables up to date, so a version only
/// adds: tables, indexes, and columns that are null or have a default. One that has to take something away
/// waits until no program that needs it is left, and says so in `oldestVersion`.
enum Schema {
    struct Version: Sendable {
        let number: Int64
        /// The oldest version whose program goes on working with these tables.
        let oldestVersion: Int64
        let sql: String
    }

    /// A number that no other program uses: the octets of `symbolon`.
    private static let lock: Int64 = 0x7379_6d62_6f6c_6f6e

    static let versions = [
        Version(number: 1, oldestVersion: 1, sql: version1),
        Version(number: 2, oldestVersion: 1, sql: version2),
        Version(number: 3, oldestVersion: 1, sql: version3),
        Version(number: 4, oldestVersion: 1, sql: version4),
        Version(number: 5, oldestVersion: 1, sql: version5),
        Version(number: 6, oldestVersion: 1, sql: version6),
        Version(number: 7, oldestVersion: 1, sql: version7),
        Version(number: 8, oldestVersion: 1, sql: version8),
        Version(number: 9, oldestVersion: 1, sql: version9),
        Version(number: 10, oldestVersion: 1, sql: version10),
        Version(number: 11, oldestVersion: 1, sql: version11),
        Version(number: 12, oldestVersion: 1, sql: version12),
        Version(number: 13, oldestVersion: 1, sql: version13),
    ]

    /// Brings the tables up to date: one session at a time, and whole or not at all.
    @discardableResult
    static func migrate(_ session: DatabaseSession) throws -> [Version] {
        // Usually there is nothing to do, and then a role without rights on the schema will do.
        guard try !pending(session).isEmpty else { return [] }
        // Indexes over millions of rows take their time.
        let deadline = ContinuousClock.now + .seconds(600)
        do {
            try session.run(
                script: """
                    BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
                    SET LOCAL statement_timeout = 600000; SET LOCAL lock_timeout = 60000
                    """, by: deadline)
            try session.run(script: "SELECT pg_advisory_xact_lock(\(lock))", by: deadline)
            let pending = try Self.pending(session)
            if !pending.isEmpty { try session.run(script: versionTable, by: deadline) }
            for version in pending {
                try session.run(script: version.sql, by: deadline)
                _ = try session.execute(
                    "INSERT INTO symbolon_schema (version, oldest_version) VALUES ($1, $2)",
                    [.integer(version.number), .integer(version.oldestVersion)], by: deadline)
            }
            try session.run(script: "COMMIT", by: deadline)
            return pending
        } catch {
            session.rollBack()
            throw error
        }
    }

    /// What is left to do.
    ///
    /// - Throws: if the tables are a newer version's, and this one's program cannot work with them.
    static func pending(_ session: DatabaseSession) throws -> [Version] {
        let made = try version(session)
        return versions.filter { $0.number > made }
    }

    /// The newest version that was made; 0 if none was.
    ///
    /// - Throws: as ``pending(_:)`` does.
    static func version(_ session: DatabaseSession) throws -> Int64 {
        let deadline = ContinuousClock.now + PostgreSQLConnectionStore.timeout
        // Read as rows: a look-up by name may come from what the session knew before it waited for the lock.
        let found = try session.execute(
            """
            SELECT (count(*) > 0)::text FROM pg_catalog.pg_class
            WHERE relname = 'symbolon_schema' AND pg_catalog.pg_table_is_visible(oid)
            """, by: deadline)
        guard found.rows.first?.first == Array("true".utf8) else { return 0 }
        let numbers = try session.execute(
            "SELECT coalesce(max(version), 0), coalesce(max(oldest_version), 0) FROM symbolon_schema",
            by: deadline)
        guard let columns = numbers.rows.first else { return 0 }
        var row = RowReader(columns)
        let (version, oldestVersion) = (try row.integer(), try row.integer())
        guard oldestVersion <= versions.last?.number ?? 0 else {
            throw StoreError.newer
        }
        return version
    }

    private static let versionTable = """
        CREATE TABLE IF NOT EXISTS symbolon_schema (
            version bigint PRIMARY KEY,
            oldest_version bigint NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        );
        """

    /// Times with `_ms` are milliseconds since 1970 on the database's clock, `_s` seconds since 1970 as a
    /// provider counts. Ids are ordered by their characters (`COLLATE "C"`). Credentials have a table of
    /// their own, so that no list of connections reads them, and nothing but a refresh or a renewal rewrites
    /// them.
    private static let version1 = """
        CREATE TABLE claims (
            flow_id bytea PRIMARY KEY CHECK (octet_length(flow_id) = 16),
            codes bytea NOT NULL CHECK (octet_length(codes) IN (32, 64, 96)),
            owner bytea NOT NULL CHECK (octet_length(owner) = 16),
            phase text NOT NULL CHECK (phase IN ('held', 'free', 'success', 'failure')),
            lease_ends_at_ms bigint CHECK ((lease_ends_at_ms IS NOT NULL) = (phase = 'held')),
            connection_id text COLLATE "C" CHECK ((connection_id IS NOT NULL) = (phase = 'success')),
            error text CHECK ((error IS NOT NULL) = (phase = 'failure')),
            error_description text CHECK ((error_description IS NOT NULL) = (phase = 'failure')),
            kept_until_ms bigint NOT NULL
        );
        CREATE INDEX claims_by_kept_until ON claims (kept_until_ms);

        CREATE TABLE connections (
            id text COLLATE "C" PRIMARY KEY,
            workspace_id text NOT NULL,
            user_id text,
            integration_id text NOT NULL,
            integration_type text NOT NULL,
            auth_method_id text NOT NULL,
            label text NOT NULL,
            status text NOT NULL CHECK (status IN ('active', 'inactive', 'testing', 'error', 'expired')),
            status_reason text,
            scopes_requested json NOT NULL,
            scopes_granted json NOT NULL,
            config json NOT NULL,
            account_id text,
            account_label text CHECK (account_label IS NULL OR account_id IS NOT NULL),
            binding text NOT NULL CHECK (binding IN ('confirmed', 'direct')),
            flow_id bytea NOT NULL CHECK (octet_length(flow_id) = 16),
            revision bigint NOT NULL CHECK (revision >= 1),
            credentials_revision bigint NOT NULL CHECK (credentials_revision BETWEEN 1 AND revision),
            created_at_ms bigint NOT NULL,
            updated_at_ms bigint NOT NULL,
            last_refreshed_at_ms bigint,
            expires_at_s bigint
        );
        CREATE INDEX connections_by_creation ON connections (workspace_id, created_at_ms DESC, id DESC);

        CREATE TABLE credentials (
            connection_id text COLLATE "C" PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
            sealed bytea NOT NULL,
            key_id bigint NOT NULL CHECK (key_id BETWEEN 0 AND 4294967295),
            refresh_owner bytea CHECK (octet_length(refresh_owner) = 16),
            refresh_ends_at_ms bigint
        );
        CREATE INDEX credentials_by_key ON credentials (key_id);
        """

    /// What older versions do not know stays empty, and means that it is not known.
    private static let version2 = """
        ALTER TABLE connections ADD COLUMN client bytea CHECK (octet_length(client) = 16);
        ALTER TABLE connections ADD COLUMN token_lifetime_s bigint;
        ALTER TABLE connections ADD COLUMN is_expiry_final bigint CHECK (is_expiry_final IN (0, 1));
        CREATE INDEX connections_by_account ON connections (integration_id, account_id, user_id);
        """

    private static let version3 = "ALTER TABLE connections ADD COLUMN tags json"

    /// Rows that have never been swept are due at once; `NULL` is never.
    private static let version4 = """
        ALTER TABLE connections ADD COLUMN sweep_at_ms bigint DEFAULT 0;
        ALTER TABLE connections ADD COLUMN token_read_at_ms bigint;
        ALTER TABLE connections ADD COLUMN reauthorize_by_s bigint;
        CREATE INDEX connections_by_sweep ON connections (sweep_at_ms) WHERE sweep_at_ms IS NOT NULL;
        CREATE INDEX connections_by_user ON connections (workspace_id, user_id, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_integration
            ON connections (workspace_id, integration_id, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_expiry ON connections (workspace_id, expires_at_s)
            WHERE expires_at_s IS NOT NULL;
        CREATE INDEX connections_by_reauthorization ON connections (workspace_id, reauthorize_by_s)
            WHERE reauthorize_by_s IS NOT NULL;
        """

    /// The two new values come from what an operator turns on once the last older program has gone.
    private static let version5 = """
        ALTER TABLE connections DROP CONSTRAINT connections_binding_check;
        ALTER TABLE connections ADD CONSTRAINT connections_binding_check
            CHECK (binding IN ('confirmed', 'screen', 'direct', 'imported'));
        """

    /// Without a reference: what happened to a connection outlives it for a while.
    private static let version6 = """
        CREATE TABLE connection_events (
            connection_id text COLLATE "C" NOT NULL,
            number bigint NOT NULL CHECK (number >= 1),
            workspace_id text NOT NULL,
            type text NOT NULL,
            at_ms bigint NOT NULL,
            detail text,
            actor text NOT NULL,
            kept_until_ms bigint,
            PRIMARY KEY (connection_id, number)
        );
        CREATE INDEX connection_events_by_kept_until ON connection_events (kept_until_ms)
            WHERE kept_until_ms IS NOT NULL;
        """

    /// A message that was given up has no `next_at_ms`. A connection has the end of its grant that was announced.
    private static let version7 = """
        CREATE TABLE webhook_messages (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id text COLLATE "C" NOT NULL UNIQUE,
            workspace_id text NOT NULL,
            url text NOT NULL,
            subject text COLLATE "C" NOT NULL,
            type text NOT NULL,
            body text NOT NULL,
            created_at_ms bigint NOT NULL,
            attempts bigint NOT NULL,
            next_at_ms bigint,
            owner bytea CHECK (octet_length(owner) = 16),
            last_error text
        );
        CREATE INDEX webhook_messages_by_target ON webhook_messages (workspace_id, url, subject, number)
            WHERE next_at_ms IS NOT NULL;
        CREATE INDEX webhook_messages_by_next ON webhook_messages (next_at_ms);
        ALTER TABLE connections ADD COLUMN reauthorize_announced_s bigint;
        """

    /// What was revoked is kept for good. Without references: it outlives the connections.
    private static let version8 = """
        CREATE TABLE revocations (
            id text COLLATE "C" PRIMARY KEY,
            workspace_id text,
            integration_id text,
            user_id text,
            since_s bigint,
            is_dry_run bigint NOT NULL CHECK (is_dry_run IN (0, 1)),
            matched_count bigint NOT NULL,
            actor text NOT NULL,
            created_at_ms bigint NOT NULL
        );
        CREATE TABLE revocation_grants (
            revocation_id text COLLATE "C" NOT NULL,
            connection_id text COLLATE "C" NOT NULL,
            workspace_id text NOT NULL,
            integration_id text NOT NULL,
            attempt_count bigint NOT NULL,
            due_at_ms bigint CHECK ((due_at_ms IS NULL) = (outcome IS NOT NULL)),
            outcome text CHECK (outcome IN ('revoked', 'refused', 'not_possible', 'unknown')),
            reason text,
            concluded_at_ms bigint CHECK ((concluded_at_ms IS NOT NULL) = (outcome IS NOT NULL)),
            PRIMARY KEY (revocation_id, connection_id)
        );
        CREATE INDEX revocation_grants_by_due ON revocation_grants (due_at_ms) WHERE due_at_ms IS NOT NULL;
        CREATE INDEX revocation_grants_by_connection ON revocation_grants (connection_id);
        """

    private static let version9 = """
        CREATE TABLE api_key_uses (
            key_id text COLLATE "C" PRIMARY KEY,
            used_at_s bigint NOT NULL
        );
        """

    /// The flow of the renewal whose account could not be compared with the one before. Older versions leave the column as
    /// it is when they renew the connection by another flow.
    private static let version10 = """
        ALTER TABLE connections
            ADD COLUMN uncompared_flow_id bytea CHECK (octet_length(uncompared_flow_id) = 16);
        """

    /// Lists by label, status and tag. A connection that is over, and still said to be active, is found by its end. Tags are
    /// copied by triggers, since an older version writes rows as well; with the owner's rights, since its role may have none
    /// on the new table. What JSON can say and a text cannot is left out. The index of an expression is whole, since the server
    /// goes by no statistics of a partial one.
    private static let version11 = #"""
        CREATE INDEX connections_by_label ON connections (workspace_id, label, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_status ON connections (workspace_id, status, created_at_ms DESC, id DESC);
        CREATE INDEX connections_by_final_expiry ON connections
            (workspace_id, (CASE WHEN status = 'active' AND is_expiry_final = 1 THEN expires_at_s END));
        CREATE TABLE connection_tags (
            connection_id text COLLATE "C" NOT NULL,
            name text NOT NULL,
            value text NOT NULL,
            workspace_id text NOT NULL,
            created_at_ms bigint NOT NULL
        );
        CREATE FUNCTION connection_tags_of(connections) RETURNS SETOF connection_tags LANGUAGE sql STABLE AS $$
            SELECT DISTINCT ON (key) $1.id, key, value, $1.workspace_id, $1.created_at_ms FROM json_each_text(
                CASE WHEN json_typeof($1.tags) = 'object' AND $1.tags::text !~* '\\u(0000|d[89a-f])'
                THEN $1.tags END)
            WHERE value IS NOT NULL
        $$;
        CREATE FUNCTION keep_connection_tags() RETURNS trigger LANGUAGE plpgsql
            SECURITY DEFINER SET search_path FROM CURRENT AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN DELETE FROM connection_tags WHERE connection_id = NEW.id; END IF;
            INSERT INTO connection_tags SELECT * FROM connection_tags_of(NEW);
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER connection_tags_insert AFTER INSERT ON connections
            FOR EACH ROW WHEN (NEW.tags IS NOT NULL) EXECUTE FUNCTION keep_connection_tags();
        CREATE TRIGGER connection_tags_update AFTER UPDATE OF tags, workspace_id, created_at_ms ON connections
            FOR EACH ROW WHEN ((OLD.tags::text, OLD.workspace_id, OLD.created_at_ms)
                IS DISTINCT FROM (NEW.tags::text, NEW.workspace_id, NEW.created_at_ms))
            EXECUTE FUNCTION keep_connection_tags();
        INSERT INTO connection_tags
            SELECT tag.* FROM connections, connection_tags_of(connections) AS tag WHERE tags IS NOT NULL;
        ALTER TABLE connection_tags ADD PRIMARY KEY (connection_id, name);
        ALTER TABLE connection_tags
            ADD FOREIGN KEY (connection_id) REFERENCES connections (id) ON DELETE CASCADE;
        CREATE INDEX connection_tags_by_value
            ON connection_tags (workspace_id, name, value, created_at_ms DESC, connection_id DESC);
        ANALYZE connections, connection_tags
        """#

    /// The trace of the change that a message tells of.
    private static let version12 = """
        ALTER TABLE webhook_messages ADD COLUMN traceparent text;
        """

    /// Of a claim whose flow somebody wants to be told of: what to tell, and when, unless something came of it until then.
    /// Both are empty in every other claim, so that the index has few rows, and most updates write into none. Grants of a
    /// revocation are listed by their outcome.
    private static let version13 = """
        ALTER TABLE claims ADD COLUMN subject text;
        ALTER TABLE claims ADD COLUMN announce_at_ms bigint;
        CREATE INDEX claims_by_announcement ON claims (announce_at_ms) WHERE announce_at_ms IS NOT NULL;
        CREATE INDEX revocation_grants_by_outcome ON revocation_grants (revocation_id, outcome, connection_id);
        """
}
#endif
