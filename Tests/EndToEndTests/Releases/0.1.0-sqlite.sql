-- A store of 0.1.0 in SQLite, as `.dump` writes it. Its credentials are sealed under connections.json.
BEGIN TRANSACTION;
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
INSERT INTO "claims" VALUES(X'01010101010101010101010101010101',X'0101010101010101010101010101010101010101010101010101010101010101',X'07070707070707070707070707070707','success',NULL,'conn_jHk3YSi1Yh5vlUGtXtMm8Q',NULL,NULL,4102444800000);
INSERT INTO "claims" VALUES(X'02020202020202020202020202020202',X'0202020202020202020202020202020202020202020202020202020202020202',X'07070707070707070707070707070707','success',NULL,'conn_sjGKc3itV3CEMuchIM8QDQ',NULL,NULL,4102444800000);
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
, client BLOB CHECK (length(client) = 16), token_lifetime_s INTEGER, is_expiry_final INTEGER CHECK (is_expiry_final IN (0, 1)), tags TEXT CHECK (tags IS NULL OR json_valid(tags))) STRICT, WITHOUT ROWID;
INSERT INTO "connections" VALUES('conn_jHk3YSi1Yh5vlUGtXtMm8Q','wsp_1','ada','archive','connectors','oauth2','ada@example.com','active',NULL,'["read","write"]','["read","write"]','{}',NULL,NULL,'direct',X'01010101010101010101010101010101',1,1,1735000000001,1735000000001,NULL,1735689600,X'8B3B6DF42A760BD939BF1FD6A6D8041B',3600,0,NULL);
INSERT INTO "connections" VALUES('conn_sjGKc3itV3CEMuchIM8QDQ','wsp_1','grace','archive','connectors','oauth2','grace@example.com','active',NULL,'["read","write"]','["read","write"]','{}',NULL,NULL,'direct',X'02020202020202020202020202020202',1,1,1735000000002,1735000000002,NULL,NULL,X'8B3B6DF42A760BD939BF1FD6A6D8041B',NULL,NULL,NULL);
CREATE TABLE credentials (
    connection_id TEXT PRIMARY KEY NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    key_id INTEGER NOT NULL CHECK (key_id BETWEEN 0 AND 4294967295),
    refresh_owner BLOB CHECK (length(refresh_owner) = 16),
    refresh_ends_at_ms INTEGER
) STRICT;
INSERT INTO "credentials" VALUES('conn_jHk3YSi1Yh5vlUGtXtMm8Q',X'0126D2ACF8EEECB407C1483F573831668922025112B770A89D5E46375A5832F9CEB5F72E4A62B1DDDFE3F4B3DE04EE85E2700D940A73A7464EE2431FC78A4AF70FC22DB400B1587888FF609E7D593EB62124EE1B53C7A7062F3B373DF26EFB5008B56178ABA0B30E0378E9E8535C3C9A131DAEA9D1E621992843DF63621D34BF420D33635A499D26941542FC7012B3F1EB62591A90E3DA8F0DF41AEDC71652711A63F21F394DE723D898B0CF649FF8BCFD6A6756AD3F49FC0582D1871508F2867D38FC2863A316DF4D24ED5020C81359F8D6F9585661BCA46AC4B3626DCF12557D91928910A49837D2F4C8B8700A',651341048,NULL,NULL);
INSERT INTO "credentials" VALUES('conn_sjGKc3itV3CEMuchIM8QDQ',X'0126D2ACF891B529DAAF129B61E46154E9D89FF56D3DBA94E3976FF1B72352530A8B5B484AE5EBAF9A6DFEBEBA7C7730AF83512C8E3B0949A71297D33B6BE7F8CCF1A6A864E993CB80D48B04C84B77950E34E197101AC9B88FAF239026249068E926730FEA2DD5ADEAD7CA46AFA92285686032404EEEB8D79AD5560ECA9CB49B38357D53CEAE4554DF52394C70FD417B71C41E0003A7F37D9A8F465DF73FA753B14E837492C50E963350B2',651341048,NULL,NULL);
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1');
INSERT INTO "grdb_migrations" VALUES('2');
INSERT INTO "grdb_migrations" VALUES('3');
CREATE INDEX claims_by_kept_until ON claims (kept_until_ms);
CREATE INDEX connections_by_creation ON connections (workspace_id, created_at_ms DESC, id DESC);
CREATE INDEX credentials_by_key ON credentials (key_id);
CREATE INDEX connections_by_account ON connections (integration_id, account_id, user_id);
COMMIT;
