"""Large tables for the benches: rows that are written into a store directly, sealed as the service seals them."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import sqlite3
import struct
import subprocess
import tempfile
import time

from replicas import PostgreSQL

WORKSPACE = "wsp_bench"
COLUMNS = [
    "id", "workspace_id", "user_id", "integration_id", "integration_type", "auth_method_id", "label", "status",
    "scopes_requested", "scopes_granted", "config", "binding", "flow_id", "revision", "credentials_revision",
    "created_at_ms", "updated_at_ms", "expires_at_s", "token_lifetime_s", "is_expiry_final", "sweep_at_ms",
    "token_read_at_ms",
]
CREDENTIALS = ["connection_id", "sealed", "key_id"]


def text(value):
    octets = value.encode()
    return struct.pack(">I", len(octets)) + octets


class Sealer:
    """Seals rows as the service does: AES-256-CTR and HMAC-SHA-256, with the row's identity in the associated data."""

    def __init__(self, keyring):
        ring = json.loads(pathlib.Path(keyring).read_text())
        material = base64.urlsafe_b64decode(ring["keys"][0]["material"] + "==")
        self.deployment = ring["deployment"]
        self.key_id = int(ring["keys"][0]["id"], 16)
        self.cipher_key, self.mac_key = material[:32], material[32:]

    def seal(self, connection, refresh_token, expires_at):
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        credentials = bytes([1, 1 | 2]) + text("access") + text("Bearer") + text("{}") + text(refresh_token)
        credentials += struct.pack(">q", expires_at)
        associated = b"symbolon/connection/1/" + b"".join(
            text(part) for part in (self.deployment, WORKSPACE, connection, "credentials"))
        iv = os.urandom(16)
        encryptor = Cipher(algorithms.AES(self.cipher_key), modes.CTR(iv)).encryptor()
        ciphertext = encryptor.update(credentials) + encryptor.finalize()
        tag = hmac.digest(
            self.mac_key, associated + iv + ciphertext + struct.pack(">Q", 8 * len(associated)), hashlib.sha256)
        return bytes([1]) + struct.pack(">I", self.key_id) + iv + ciphertext + tag


def connection_id():
    return "conn_" + base64.urlsafe_b64encode(os.urandom(16)).rstrip(b"=").decode()


class SQLiteTables:
    name = "SQLite"

    def __init__(self, folder):
        self.path = folder / "symbolon.sqlite"
        self.url = f"sqlite:{self.path}"

    async def start(self):
        pass

    async def end(self):
        pass

    def fill(self, tables, content):
        """Each item of `content` has a row for each of the tables, which are names with their columns."""
        database = sqlite3.connect(self.path)
        # For this connection alone: ids are random, and so are the pages that they go to.
        for setting in ("cache_size = -2000000", "synchronous = OFF", "wal_autocheckpoint = 0"):
            database.execute(f"PRAGMA {setting}")
        statements = [
            f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            for name, columns in tables.items()]
        with database:
            for rows in content:
                for statement, values in zip(statements, rows):
                    database.execute(statement, values)
        # As the service's own statements have it.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()

    def plan(self, sql):
        return "; ".join(row[3] for row in self.query(f"EXPLAIN QUERY PLAN {sql}"))

    def query(self, sql):
        database = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def timed(self, sql):
        database = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            database.execute(sql).fetchall()
            start = time.perf_counter()
            database.execute(sql).fetchall()
            return time.perf_counter() - start
        finally:
            database.close()

    def undone(self, sql):
        """The seconds of a statement that writes, of which nothing stays."""
        database = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        try:
            database.execute("BEGIN IMMEDIATE")
            start = time.perf_counter()
            database.execute(sql)
            return time.perf_counter() - start
        finally:
            database.execute("ROLLBACK")
            database.close()


class PostgreSQLTables:
    name = "PostgreSQL"

    def __init__(self, folder):
        self.server = PostgreSQL(folder)

    async def start(self):
        await self.server.start()
        self.url = self.server.url

    async def end(self):
        await self.server.end()

    def psql(self, *arguments, **options):
        return subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *arguments, self.url], check=True, capture_output=True, text=True,
            **options).stdout.strip()

    def fill(self, tables, content):
        """A file for COPY for each table, written row by row."""
        def field(value):
            if value is None:
                return "\\N"
            return "\\\\x" + value.hex() if isinstance(value, bytes) else str(value).replace("\\", "\\\\")

        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / name for name in tables]
            files = [path.open("w") for path in paths]
            for rows in content:
                for file, values in zip(files, rows):
                    file.write("\t".join(field(value) for value in values) + "\n")
            for file in files:
                file.close()
            for path, (name, columns) in zip(paths, tables.items()):
                self.psql("-c", f"\\copy {name} ({', '.join(columns)}) FROM '{path}'")
        self.psql("-c", "VACUUM ANALYZE")

    def plan(self, sql):
        return self.psql("-c", f"EXPLAIN {sql} FOR UPDATE SKIP LOCKED").replace("\n", "; ")

    def query(self, sql):
        return [tuple(map(int, line.split("|"))) for line in self.psql("-c", sql).splitlines()]

    def timed(self, sql):
        answer = self.psql("-c", sql, "-c", f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        return json.loads(answer[answer.index("[\n"):])[0]["Execution Time"] / 1000

    def undone(self, sql):
        """The seconds of a statement that writes, of which nothing stays."""
        answer = self.psql("-c", "BEGIN", "-c", f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", "-c", "ROLLBACK")
        return json.loads(answer)[0]["Execution Time"] / 1000


def memory(pid):
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: int(fields[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM")}
