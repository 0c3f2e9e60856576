import TestSupport
import Testing

extension TemporaryFolder {
    /// Does to a SQLite file what no store would.
    func tamper(_ sql: String, in name: String = "store.sqlite") async throws {
        let script = "import sqlite3, sys; s = sqlite3.connect('\(name)'); s.executescript(sys.stdin.read())"
        let run = try await CommandRun(["-c", script], input: sql, program: "/usr/bin/python3", in: self)
        try #require(run.status == 0, "\(run.errors)")
    }
}
