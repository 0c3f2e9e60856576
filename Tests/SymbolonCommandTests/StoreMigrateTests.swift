import Foundation
import TestSupport
import Testing

@Suite("symbolon store migrate") struct StoreMigrateTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func migrate(_ arguments: String...) async throws -> CommandRun {
        try await CommandRun(["store", "migrate"] + arguments, in: folder)
    }

    @Test func `what would be done is printed, and nothing is made`() async throws {
        let run = try await migrate("--store", "sqlite:store.sqlite", "--dry-run")
        #expect(run.status == 0)
        #expect(run.output.contains("CREATE TABLE claims"))
        #expect(run.errors.contains("Nothing was changed"))
        #expect(try folder.fileNames.isEmpty)
    }

    @Test func `the tables are made once`() async throws {
        let first = try await migrate("--store", "sqlite:store.sqlite", "--json").json
        #expect(first["dry_run"] as? Bool == false)
        #expect(
            (first["migrations"] as? [[String: Any]])?.map { $0["version"] as? Int } == [
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
            ])
        let second = try await migrate("--store", "sqlite:store.sqlite", "--json").json
        #expect((second["migrations"] as? [Any])?.isEmpty == true)
        let dry = try await migrate("--store", "sqlite:store.sqlite", "--dry-run")
        #expect(dry.status == 0 && dry.output.isEmpty && dry.errors.contains("up to date"))
    }

    @Test func `the store of the configuration is taken where none is given`() async throws {
        try folder.write("store: sqlite:configured.sqlite", to: "symbolon.yaml")
        #expect(try await migrate("--config", "symbolon.yaml").status == 0)
        #expect(try folder.fileNames.contains("configured.sqlite"))
        let environment = try await folder.symbolon(
            "store", "migrate", environment: ["SYMBOLON_STORE": "sqlite:other.sqlite"])
        #expect(environment.status == 0)
        #expect(try folder.fileNames.contains("other.sqlite"))
    }

    @Test func `without a store there is nothing to migrate`() async throws {
        let run = try await migrate()
        #expect(run.status == 3 && run.errors.contains("--store"))
    }

    @Test func `the store of development mode is taken where nothing is configured`() async throws {
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: ".symbolon"), withIntermediateDirectories: false)
        #expect(try await migrate("--store", "sqlite:.symbolon/symbolon.sqlite").status == 0)
        let run = try await migrate()
        #expect(run.status == 0 && run.errors.contains("up to date"), "\(run.errors)")
    }

    @Test func `a file that is no database is refused`() async throws {
        try folder.write(String(repeating: "text ", count: 1000), to: "store.sqlite")
        let run = try await migrate("--store", "sqlite:store.sqlite", "--dry-run")
        #expect(run.status == 3)
    }

    @Test(arguments: [["--dry-run"], []]) func `a database of a later release is said to be newer`(
        _ options: [String]
    ) async throws {
        #expect(try await migrate("--store", "sqlite:store.sqlite").status == 0)
        let script =
            "import sqlite3; s = sqlite3.connect('store.sqlite'); "
            + "s.execute(\"INSERT INTO grdb_migrations (identifier) VALUES ('1000')\"); s.commit()"
        let changed = try await CommandRun(["-c", script], program: "/usr/bin/python3", in: folder)
        #expect(changed.status == 0, "\(changed.errors)")
        let run = try await CommandRun(
            ["store", "migrate", "--store", "sqlite:store.sqlite"] + options, in: folder)
        #expect(run.status == 3 && run.errors.contains("the database is newer than this program"))
        #expect(!run.errors.contains("cannot be reached"), "\(run.errors)")
    }

    @Test(arguments: [
        "postgresql://symbolon:s3cret@localhost/symbolon", "postgres://symbolon:s3c/r@et@localhost/symbolon",
        "postgresql://symbolon@localhost/symbolon?password=s3cret",
        "postgresql://symbolon@localhost/symbolon?sslmode=require&sslpassword=s3cret",
    ])
    func `S23 a password on the command line is refused`(_ url: String) async throws {
        let run = try await migrate("--store", url)
        #expect(run.status == 2)
        #expect(run.errors.contains("password") && !run.everything.contains("s3c"))
    }

    #if PostgreSQL
    @Test func `a server that is not there is unavailable`() async throws {
        let run = try await migrate("--store", "postgresql://symbolon@127.0.0.1:1/symbolon")
        #expect(run.status == 4)
        #expect(run.errors.contains("127.0.0.1"))
    }

    @Test func `a URL that libpq does not understand is a matter of configuration`() async throws {
        let run = try await migrate("--store", "postgresql://localhost/symbolon?nonsense=1")
        #expect(run.status == 3)
    }

    @Test func `S23 the configuration is shown without the store's password`() async throws {
        let run = try await folder.symbolon(
            "config", "check",
            environment: ["SYMBOLON_STORE": "postgresql://symbolon:s3cret@localhost/symbolon?password=s3cret"]
        )
        #expect(!run.everything.contains("s3cret"))
    }
    #else
    @Test func `a program without PostgreSQL says how to build one with it`() async throws {
        let run = try await migrate("--store", "postgresql://symbolon@localhost/symbolon")
        #expect(run.status == 3)
        #expect(run.errors.contains("--traits PostgreSQL"))
    }
    #endif
}
