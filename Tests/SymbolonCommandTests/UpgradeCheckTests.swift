import Connections
import Foundation
import TestSupport
import Testing

@testable import SymbolonCommands

@Suite("symbolon upgrade check") struct UpgradeCheckTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let old = ReleaseFormats(
        tables: 3, stateRecord: 1, stateFields: 0b111, keyring: 1, keyringFields: ["version", "keys"],
        apiKeyFields: ["id", "hash"], permissions: ["read"], bindings: ["direct"], credentialFields: 0b11)

    private func judgement(
        oldestTables: Int? = 1, _ change: (inout ReleaseFormats) -> Void
    ) throws -> UpgradeJudgement {
        var new = Self.old
        change(&new)
        return UpgradeJudgement(
            version: try #require(ReleaseVersion("0.1.0")), old: Self.old, new: new,
            oldestTables: oldestTables)
    }

    private func topics(_ judgement: UpgradeJudgement) -> [String] {
        judgement.findings.filter { $0.verdict == .bad }.map(\.topic)
    }

    @Test func `releases with the same formats may run side by side`() throws {
        let findings = try judgement { _ in }.findings
        #expect(findings.allSatisfy { $0.verdict == .good } && findings.count == 5)
    }

    @Test func `what only adds is safe, and says what to wait for`() throws {
        let judgement = try judgement { new in
            new.tables = 5
            new.stateFields = 0b11111
            new.keyringFields.insert("session_lifetime")
        }
        #expect(topics(judgement) == [])
        let notes = judgement.findings.filter { $0.verdict == .note }.map(\.message)
        #expect(notes.contains { $0.contains("2 new fields") })
        #expect(notes.contains { $0.contains("session_lifetime") })
        #expect(notes.contains { $0.contains("no rolling upgrade is possible") })
    }

    @Test func `tables that the old release cannot work with are not safe`() throws {
        #expect(topics(try judgement(oldestTables: 4) { $0.tables = 5 }) == ["tables"])
        #expect(topics(try judgement(oldestTables: 3) { $0.tables = 5 }) == [])
    }

    @Test func `other tables without PostgreSQL are not safe, since SQLite has no rolling upgrade`() throws {
        #expect(topics(try judgement(oldestTables: nil) { $0.tables = 4 }) == ["tables"])
        #expect(topics(try judgement(oldestTables: nil) { _ in }) == [])
    }

    @Test func `tables that go back are not safe`() throws {
        #expect(topics(try judgement { $0.tables = 2 }) == ["tables"])
    }

    @Test func `another format of states is not safe, nor one with a field less`() throws {
        #expect(topics(try judgement { $0.stateRecord = 2 }) == ["states"])
        #expect(topics(try judgement { $0.stateFields = 0b1011 }) == ["states"])
    }

    @Test func `keyrings that the old release cannot read are not safe`() throws {
        #expect(topics(try judgement { $0.keyring = 2 }) == ["keyrings"])
        #expect(topics(try judgement { $0.keyringFields = ["version", "key"] }) == ["keyrings"])
    }

    @Test func `API keys that the old release takes for more than they are come last`() throws {
        let judgement = try judgement { new in
            new.apiKeyFields.formUnion(["users", "scopes"])
            new.permissions.insert("operate")
        }
        #expect(topics(judgement) == [])
        let notes = judgement.findings.filter { $0.verdict == .note && $0.topic == "API keys" }.map(\.message)
        #expect(notes.contains { $0.contains("scopes, users") && $0.contains("without limits") })
        #expect(notes.contains { $0.contains("operate") && $0.contains("rejects the file") })
    }

    @Test func `connections that the old release cannot read come last`() throws {
        let judgement = try judgement { new in
            new.bindings.formUnion(["screen", "imported"])
            new.credentialFields = 0b111
        }
        #expect(topics(judgement) == [])
        let notes = judgement.findings.filter { $0.verdict == .note && $0.topic == "connections" }
            .map(\.message)
        #expect(notes.contains { $0.contains("imported, screen") && $0.contains("cannot read") })
        #expect(notes.contains { $0.contains("second grant") && $0.contains("cannot open") })
    }

    @Test func `API keys and connections of which this release reads less are not safe`() throws {
        #expect(topics(try judgement { $0.apiKeyFields = ["id"] }) == ["API keys"])
        #expect(topics(try judgement { $0.permissions = [] }) == ["API keys"])
        #expect(topics(try judgement { $0.bindings = ["screen"] }) == ["connections"])
        #expect(topics(try judgement { $0.credentialFields = 0b101 }) == ["connections"])
    }

    @Test func `from the release before, for people and for programs`() async throws {
        let people = try await folder.symbolon("upgrade", "check", "--from", "0.1.0")
        let programs = try await folder.symbolon("upgrade", "check", "--from", "0.1.0", "--json")
        let json = try programs.json
        #expect(people.status == programs.status)
        // What 0.1.0 misreads, as the changelog says.
        for word in ["scopes", "operate", "imported", "second grant"] {
            #expect(people.output.contains(word), "\(word)")
        }
        #expect(json["from"] as? String == "0.1.0" && json["to"] as? String == Release.version)
        #expect(json["safe"] as? Bool == (people.status == 0))
        #if PostgreSQL
        #expect(people.status == 0, "\(people.everything)")
        #endif
        for topic in ["tables", "states", "keyrings", "API keys", "connections"] {
            #expect(people.output.contains(topic))
        }
    }

    @Test(arguments: ["9.9", "v0.1.0", "0.1.0.0", "latest"])
    func `what is no version is told what a version is`(_ text: String) async throws {
        let run = try await folder.symbolon("upgrade", "check", "--from", text)
        #expect(run.status == 2 && run.errors.contains("a version has three numbers"), "\(run.errors)")
    }

    @Test func `from the same release it is safe`() async throws {
        let run = try await folder.symbolon("upgrade", "check", "--from", Release.version)
        #expect(run.status == 0 && run.errors.contains("is safe"))
    }

    @Test(arguments: ["0.0.9", "99.0.0"]) func `from a release that is not known it is not safe`(
        _ version: String
    ) async throws {
        let run = try await folder.symbolon("upgrade", "check", "--from", version, "--json")
        #expect(run.status == 1)
        #expect(try run.json["safe"] as? Bool == false)
    }

    @Test(arguments: ["", "1", "1.2", "v1.2.3", "1.2.3.4", "1.2.x", "1..3", "-1.2.3", "01.2.3", "1.2.3-rc1"])
    func `what is no version is wrong usage`(_ version: String) async throws {
        #expect(ReleaseVersion(version) == nil)
        #expect(try await folder.symbolon("upgrade", "check", "--from=\(version)").status == 2)
    }
}

/// What the table of releases says, against the code.
@Suite("Releases") struct ReleaseTableTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// One for each version.
    private static let sqliteDigests: [UInt64] = [
        0x6246_2613_e6ea_7c07, 0x2749_5c94_e400_1417, 0x6ef0_376a_3612_6835,
        0x87c5_055c_b9e9_d1fb, 0x44eb_aa33_5ec2_2de2, 0x2cea_3553_b689_e181,
        0xc159_b3bd_abf1_8a3d, 0x081c_9b69_eace_9845, 0x01e4_dcb5_a2ca_dc48,
        0x8f5f_cf66_c31a_f8bd, 0xf332_8ede_baf7_775f, 0x712c_177b_ab95_077f,
        0xc202_a73a_070a_32f8,
    ]
    private static let postgreSQLDigests: [UInt64] = [
        0xa27a_7e57_83b0_26f2, 0x587f_68f0_9b21_798b, 0x2a79_ce87_3432_e4f0,
        0xf7ce_7a2b_0d27_4250, 0xb43b_c99c_b71b_66ad, 0xb561_7bb0_7a4f_4e5f,
        0x4457_5a61_04c1_07df, 0x6448_f35d_0082_83f7, 0xbf82_f5c8_3610_d6fe,
        0x01ad_612e_1bf0_9cf1, 0x6bb3_36f1_a7c7_fe24, 0xc65e_1120_9d93_ee7f,
        0x15fb_ecbb_dd2e_898b,
    ]

    /// FNV-1a, 64 bits: enough to see that a text is another.
    private func digest(_ texts: ArraySlice<StoreMigration>) -> UInt64 {
        texts.flatMap { Array($0.sql.utf8) }.reduce(0xcbf2_9ce4_8422_2325) { hash, octet in
            (hash ^ UInt64(octet)) &* 0x100_0000_01b3
        }
    }

    @Test func `releases are in order, and all before this one`() throws {
        let versions = try (ReleaseFormats.released.map(\.version) + [Release.version]).map {
            try #require(ReleaseVersion($0))
        }
        #expect(versions == versions.sorted() && Set(versions).count == versions.count)
    }

    @Test func `the tables of a release that is out are never edited`() {
        #expect(digest(ReleaseFormats.sqliteMigrations.prefix(3)) == 6_748_506_241_929_950_081)
        if let migrations = ReleaseFormats.postgreSQLMigrations {
            #expect(digest(migrations.prefix(3)) == 10_357_404_183_887_021_311)
        }
    }

    /// Not those of releases alone: somebody's development store may have any of them.
    @Test func `a version of the tables is never edited once it is there`() {
        #expect(ReleaseFormats.sqliteMigrations.map { digest([$0]) } == Self.sqliteDigests)
        if let migrations = ReleaseFormats.postgreSQLMigrations {
            #expect(migrations.map { digest([$0]) } == Self.postgreSQLDigests)
        }
    }

    @Test func `both stores have the same versions of the tables, one after the other`() {
        let versions = ReleaseFormats.sqliteMigrations.map(\.version)
        #expect(versions == Array(1...versions.count))
        if let migrations = ReleaseFormats.postgreSQLMigrations {
            #expect(migrations.map(\.version) == versions)
        }
        #expect(ReleaseFormats.current.tables == versions.last)
    }

    @Test func `a keyring file has the fields that are said`() async throws {
        _ = try await folder.symbolon("keys", "generate", "--keyring", "state.keyring")
        _ = try await folder.symbolon("keys", "rotate", "--keyring", "state.keyring")
        let document = try JSONSerialization.jsonObject(with: Data(folder.read("state.keyring").utf8))
        let ring = try #require(document as? [String: Any])
        let keys = try #require(ring["keys"] as? [[String: Any]])
        let names = Set(ring.keys).union(keys.flatMap { $0.keys.map { "keys[].\($0)" } })
        #expect(names == ReleaseFormats.current.keyringFields)
    }

    @Test func `what an earlier release sealed, wrote and stored is still read`() {
        for (version, formats) in ReleaseFormats.released {
            let current = ReleaseFormats.current
            #expect(formats.tables <= current.tables, "\(version)")
            #expect(formats.stateFields & ~current.stateFields == 0, "\(version)")
            #expect(formats.keyringFields.isSubset(of: current.keyringFields), "\(version)")
            #expect(formats.apiKeyFields.isSubset(of: current.apiKeyFields), "\(version)")
            #expect(formats.permissions.isSubset(of: current.permissions), "\(version)")
            #expect(formats.bindings.isSubset(of: current.bindings), "\(version)")
            #expect(formats.credentialFields & ~current.credentialFields == 0, "\(version)")
        }
    }
}
