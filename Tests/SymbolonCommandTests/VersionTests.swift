import Foundation
import TestSupport
import Testing

@Suite("symbolon version") struct VersionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `the release is 0.2.0, for people and for programs`() async throws {
        let people = try await folder.symbolon("version")
        #expect(people.status == 0)
        #expect(people.output.contains("0.2.0"))
        #expect(people.output.contains(/OpenSSL +3\./))
        let programs = try await folder.symbolon("version", "--json")
        #expect(programs.status == 0)
        #expect(programs.errors.isEmpty)
        let json = try programs.json
        #expect(Set(json.keys) == ["version", "swift", "openssl", "architecture", "stores", "formats"])
        #expect((json["stores"] as? [String])?.first == "sqlite")
        let formats = try #require(json["formats"] as? [String: Int])
        #expect(Set(formats.keys) == ["tables", "state_record", "state_fields", "keyring"])
        #expect(json["version"] as? String == "0.2.0")
        #expect(try await folder.symbolon("--version").output == "0.2.0\n")
    }

    @Test func `the OpenAPI document has the release's version`() async throws {
        let document = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/ConnectAPI/Resources/openapi.json").standardized
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: document)) as? [String: Any]
        let version = try await folder.symbolon("--version").output
        #expect(
            (json?["info"] as? [String: Any])?["version"] as? String
                == version.trimmingCharacters(in: .newlines))
    }

    @Test func `a result that cannot be written is no success`() async throws {
        let run = try await CommandRun(["version"], output: "/dev/full", in: folder)
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("error: standard output could not be written"))
    }
}
