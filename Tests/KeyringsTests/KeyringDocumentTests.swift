import Keyrings
import StateTokens
import Testing

@Suite("KeyringDocument") struct KeyringDocumentTests {
    static let material =
        "OLTmUuRNp_I3DZ4mDicTZVCko6bQf1wMMy-LEiQIP9IrkC-JEegYGPjJnV1dmDGVdQTZDpRd4uj1TueBzHX2Ng"
    static let other =
        "2FCZCVqjABZaZwNvm1QNa48L4hEkF5w92fc4F85uEY0mSq1stt0hD6-UrNPPksGQI3yxH10QjPJZMCY5OLNwoQ"

    static func entry(
        id: String = "1f3a9c02", material: String = material, activates: String? = "2026-01-01T00:11:00Z",
        status: String = "enabled"
    ) -> String {
        let activates = activates.map { #", "activates": "\#($0)""# } ?? ""
        return #"""
            {"id": "\#(id)", "material": "\#(material)", "created": "2026-01-01T00:00:00Z"\#(activates), "status": "\#(status)"}
            """#
    }

    static func document(
        version: String = "1", purpose: String = "state", deployment: String = "d_1",
        keys: [String] = [entry()], extra: String = #""max_lifetime": 600, "propagation": 600, "skew": 60"#
    ) -> String {
        #"""
        {"version": \#(version), "purpose": "\#(purpose)", "deployment": "\#(deployment)", \#(extra),
         "keys": [\#(keys.joined(separator: ","))]}
        """#
    }

    @Test func `the documented file is read`() throws {
        let ring = try KeyringDocument.parse(Array(Self.document().utf8), purpose: .state)
        #expect(ring.keys.map(\.id.description) == ["1f3a9c02"])
        #expect(ring.keys.first?.activates?.rfc3339 == "2026-01-01T00:11:00Z")
        #expect(ring.deploymentID == "d_1")
        #expect(ring.skew == .seconds(60))
    }

    @Test func `a ring keeps its keys for sessions of 30 minutes unless it says otherwise`() throws {
        func ring(_ member: String) throws -> Keyring {
            let extra = #""max_lifetime": 600, \#(member) "propagation": 600, "skew": 60"#
            return try KeyringDocument.parse(Array(Self.document(extra: extra).utf8), purpose: .state)
        }
        let (silent, saying) = (try ring(""), try ring(#""session_lifetime": 1800,"#))
        #expect(silent.sessionLifetime == .seconds(1800))
        // Replicas of a release that does not know the member agree with those that do.
        #expect(silent.digest == saying.digest)
        let longer = try ring(#""session_lifetime": 86400,"#)
        #expect(longer.digest != silent.digest)
        #expect(try KeyringDocument.parse(KeyringDocument.json(longer), purpose: .state) == longer)
    }

    @Test func `what is written is read back`() throws {
        let ring = try Keyring.make(purpose: .connections)
        let json = try KeyringDocument.json(ring)
        #expect(try KeyringDocument.parse(json, purpose: .connections) == ring)
    }

    @Test func `the digest depends on the content and not on the formatting`() throws {
        let ring = try KeyringDocument.parse(Array(Self.document().utf8), purpose: .state)
        let written = try KeyringDocument.parse(KeyringDocument.json(ring), purpose: .state)
        #expect(written.digest == ring.digest)
        let retired = Self.document(keys: [Self.entry(status: "retired")])
        #expect(try KeyringDocument.parse(Array(retired.utf8), purpose: .state).digest != ring.digest)
    }

    static let refused: [(String, KeyringFileError)] = [
        ("", .invalid(field: "text", reason: "is not valid JSON")),
        ("[]", .invalid(field: "text", reason: "has the wrong type")),
        ("{", .invalid(field: "text", reason: "is not valid JSON")),
        (document(version: "2"), .unsupportedVersion(2)),
        (document(version: #""1""#), .invalid(field: "version", reason: "has the wrong type")),
        (document(purpose: "connections"), .wrongPurpose(expected: .state, found: .connections)),
        (document(purpose: "tickets"), .invalid(field: "purpose", reason: "must be state or connections")),
        (document(deployment: ""), .invalid(field: "deployment", reason: "must be visible ASCII text")),
        (
            document(extra: #""propagation": 600, "skew": 60"#),
            .invalid(field: "max_lifetime", reason: "is missing")
        ),
        (document(extra: #""max_lifetime": 0, "propagation": 600, "skew": 60"#), .keyring(.invalidDuration)),
        (
            document(extra: #""max_lifetime": 600, "session_lifetime": 0, "propagation": 600, "skew": 60"#),
            .keyring(.invalidDuration)
        ),
        (
            document(
                extra: #""max_lifetime": 600, "session_lifetime": 86401, "propagation": 600, "skew": 60"#),
            .keyring(.invalidDuration)
        ),
        (document(extra: #""max_lifetime": 600, "propagation": -1, "skew": 60"#), .keyring(.invalidDuration)),
        (document(keys: []), .keyring(.noKeys)),
        (
            document(keys: [entry(id: "1F3A9C02")]),
            .invalid(field: "keys[0].id", reason: "must be 8 lower-case hexadecimal digits")
        ),
        (
            document(keys: [entry(), entry(id: "2", material: other)]),
            .invalid(field: "keys[1].id", reason: "must be 8 lower-case hexadecimal digits")
        ),
        (
            document(keys: [entry(material: "a+b=")]),
            .invalid(field: "keys[0] (1f3a9c02).material", reason: "must be base64url without padding")
        ),
        (document(keys: [entry(material: "AAAA")]), .keyring(.wrongMaterialLength(byteCount: 3))),
        (
            document(keys: [entry(activates: "tomorrow")]),
            .invalid(
                field: "keys[0] (1f3a9c02).activates", reason: "must be a time such as 2026-01-01T00:00:00Z")
        ),
        (
            document(keys: [entry(status: "primary")]),
            .invalid(field: "keys[0] (1f3a9c02).status", reason: "must be enabled, retired or disabled")
        ),
    ]

    @Test(arguments: refused.indices) func `S25 anything else is refused, and the field is named`(
        _ index: Int
    ) {
        let (text, error) = Self.refused[index]
        #expect(throws: error) { try KeyringDocument.parse(Array(text.utf8), purpose: .state) }
    }

    @Test func `S25 doubled ids and doubled material are refused`() throws {
        let id = try #require(KeyID("1f3a9c02"))
        let sameID = Self.document(keys: [Self.entry(), Self.entry(material: Self.other)])
        #expect(throws: KeyringFileError.keyring(.duplicateID(id))) {
            try KeyringDocument.parse(Array(sameID.utf8), purpose: .state)
        }
        let second = try #require(KeyID("2f3a9c02"))
        let sameMaterial = Self.document(keys: [Self.entry(), Self.entry(id: "2f3a9c02")])
        #expect(throws: KeyringFileError.keyring(.duplicateMaterial(id, second))) {
            try KeyringDocument.parse(Array(sameMaterial.utf8), purpose: .state)
        }
    }

    static let patterns: [[UInt8]] = [
        [UInt8](repeating: 0, count: 64), [UInt8](repeating: 0xff, count: 64), Array(0..<64),
        (0..<64).map { UInt8($0 % 8 * 31) }, (0..<64).map { UInt8($0 % 32 * 7 + $0 % 2) },
        (0..<64).map { 255 - UInt8($0) },
        Array("correct horse battery staple correct horse battery staple 123456".utf8),
    ]

    @Test(arguments: patterns) func `S25 material that is a pattern is refused`(_ octets: [UInt8]) throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var text = ""
        for start in stride(from: 0, to: 64, by: 3) {
            let group = (0..<3).reduce(0) { $0 << 8 | (start + $1 < 64 ? Int(octets[start + $1]) : 0) }
            for shift in [18, 12, 6, 0] { text.append(alphabet[group >> shift & 63]) }
        }
        let document = Self.document(keys: [Self.entry(material: String(text.prefix(86)))])
        #expect(throws: KeyringFileError.weakMaterial(try #require(KeyID("1f3a9c02")))) {
            try KeyringDocument.parse(Array(document.utf8), purpose: .state)
        }
    }

    @Test func `S23 no error shows material`() {
        for (_, error) in Self.refused { #expect(!"\(error)".contains(Self.material)) }
    }
}
