import Foundation
import StateTokens
import Testing

@testable import Keyrings

/// What is found in place of the ring in force, and may not take that place.
@Suite("A keyring's successor") struct KeyringCandidateTests {
    /// What is put in the file, and the word that is said about it.
    struct Bad: CustomTestStringConvertible, Sendable {
        let code: String
        let text: String
        var mode = 0o600

        var testDescription: String { code }
    }

    static func bad() throws -> [Bad] {
        func text(_ ring: Keyring) throws -> String { try KeyringFolder.text(ring) }
        let good = try text(SampleRings.ring(1, 2))
        func doubled(_ change: (inout [[String: Any]]) -> Void) throws -> String {
            var document = try JSONSerialization.jsonObject(with: Data(good.utf8)) as? [String: Any] ?? [:]
            var keys = document["keys"] as? [[String: Any]] ?? []
            change(&keys)
            document["keys"] = keys
            return String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)
        }
        return [
            Bad(code: "invalid", text: ""),
            Bad(code: "invalid", text: String(good.dropLast(20))),
            Bad(code: "invalid", text: "{}"),
            Bad(code: "too_open", text: good, mode: 0o644),
            Bad(code: "too_open", text: good, mode: 0o660),
            Bad(code: "too_large", text: good + String(repeating: " ", count: 1 << 20)),
            Bad(code: "wrong_purpose", text: try text(SampleRings.ring(1, 2, purpose: .connections))),
            Bad(code: "other_deployment", text: try text(SampleRings.ring(1, 2, deploymentID: "d_other"))),
            Bad(code: "duplicate_id", text: try doubled { $0[1]["id"] = $0[0]["id"] }),
            Bad(code: "duplicate_material", text: try doubled { $0[1]["material"] = $0[0]["material"] }),
            Bad(code: "no_keys", text: try doubled { $0 = [] }),
            Bad(
                code: "weak_material",
                text: try doubled { $0[1]["material"] = String(repeating: "A", count: 86) }),
            Bad(code: "wrong_material_length", text: try doubled { $0[1]["material"] = "AAAA" }),
            Bad(
                code: "other_material",
                text: try text(
                    Keyring(
                        purpose: .state, deploymentID: "d_test",
                        keys: [SampleRings.key(1, seed: 77), SampleRings.key(2)]))),
            Bad(
                code: "lifetime_too_short",
                text: try text(SampleRings.ring(1, 2, maximumLifetime: .seconds(599)))),
            Bad(
                code: "unsupported_version",
                text: good.replacingOccurrences(of: #""version" : 1"#, with: #""version" : 2"#)),
        ]
    }

    private func live(_ folder: KeyringFolder) throws -> LiveKeyring {
        try LiveKeyring(.path(folder.path()), purpose: .state, lifetime: .seconds(600))
    }

    @Test func `S25 a bad file never replaces a good ring, and the reason is remembered`() throws {
        for bad in try Self.bad() {
            let folder = try KeyringFolder()
            let ring = try SampleRings.ring(1)
            try folder.replace(with: ring)
            let live = try live(folder)
            try folder.replace(with: bad.text, mode: bad.mode)
            guard case .refused(let error) = live.reloadIfChanged() else {
                Issue.record("accepted: \(bad.code)")
                continue
            }
            #expect(error.code == bad.code)
            #expect(live.reference.current == ring, "\(bad.code)")
            #expect(live.status == LiveKeyring.Status(reloadedAt: nil, problem: error))
            #expect(!"\(error)".isEmpty && !"\(error)".contains("AAAA"))
        }
    }

    @Test func `a file that is gone changes nothing`() throws {
        let folder = try KeyringFolder()
        try folder.replace(with: SampleRings.ring(1))
        let live = try live(folder)
        live.reloadIfChanged()
        try FileManager.default.removeItem(atPath: folder.path())
        #expect(live.reloadIfChanged() == .refused(.file(.notFound(path: folder.path()))))
        #expect(try live.reference.current == SampleRings.ring(1))
        try folder.replace(with: SampleRings.ring(1, 2))
        #expect(live.reloadIfChanged() == .replaced(with: try SampleRings.ring(1, 2)))
        #expect(live.status.problem == nil)
    }

    @Test func `a bad file is told of once, however often it is looked at, and so is its end`() throws {
        let folder = try KeyringFolder()
        let ring = try SampleRings.ring(1)
        try folder.replace(with: ring)
        let told = Observed()
        let source = KeyringSource.path(folder.path())
        let live = try LiveKeyring(source, purpose: .state, observer: { told.add($0) })
        try folder.replace(with: "{")
        for _ in 0..<5 { live.reloadIfChanged() }
        live.reload()
        try folder.replace(with: SampleRings.ring(1, purpose: .connections))
        for _ in 0..<5 { live.reloadIfChanged() }
        try folder.replace(with: ring)
        for _ in 0..<5 { live.reloadIfChanged() }
        #expect(
            told.outcomes == [
                .refused(.file(.invalid(field: "text", reason: "is not valid JSON"))),
                .refused(.file(.wrongPurpose(expected: .state, found: .connections))), .restored,
            ])
        #expect(live.status == LiveKeyring.Status())
    }

    @Test func `a mode that was put right is noticed`() throws {
        let folder = try KeyringFolder()
        try folder.replace(with: SampleRings.ring(1))
        let live = try live(folder)
        try folder.replace(with: KeyringFolder.text(SampleRings.ring(1, 2)), mode: 0o644)
        live.reloadIfChanged()
        #expect(live.status.problem?.code == "too_open")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path())
        #expect(live.reloadIfChanged() == .replaced(with: try SampleRings.ring(1, 2)))
    }

    @Test func `a ring with every key disabled is accepted, for so a compromise may have to end`() throws {
        let folder = try KeyringFolder()
        try folder.replace(with: SampleRings.ring(1))
        let live = try live(folder)
        try folder.replace(with: SampleRings.ring(1, disabled: [1]))
        live.reloadIfChanged()
        #expect(live.status.problem == nil && live.reference.current.sealingKey(at: SampleRings.start) == nil)
    }
}
