import StateTokens
import Testing

@testable import Connections

@Suite("Credentials") struct CredentialsTests {
    @Test(arguments: Sample.credentials) func `what was encoded is read again`(_ credentials: Credentials)
        throws
    {
        #expect(try Credentials(encoded: credentials.encoded) == credentials)
    }

    @Test func `the encoding is the documented one`() {
        #expect(
            Sample.empty.encoded == [1, 15, 0, 0, 0, 6] + Array("canary".utf8) + [0, 0, 0, 3]
                + Array("mac".utf8)
                + [0, 0, 0, 2] + Array("{}".utf8) + [0, 0, 0, 0] + [UInt8](repeating: 255, count: 8)
                + [0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test(arguments: Sample.credentials) func `octets that end early are refused`(_ credentials: Credentials)
    {
        let octets = credentials.encoded
        for count in octets.indices {
            #expect(throws: CredentialError.malformed) { try Credentials(encoded: Array(octets[..<count])) }
        }
    }

    @Test(arguments: Sample.credentials) func `octets after the end are refused`(_ credentials: Credentials) {
        #expect(throws: CredentialError.malformed) { try Credentials(encoded: credentials.encoded + [0]) }
    }

    @Test(arguments: [0, 2, 255] as [UInt8]) func `another version is refused`(_ version: UInt8) {
        var octets = Sample.full.encoded
        octets[0] = version
        #expect(throws: CredentialError.unknownVersion(version)) { try Credentials(encoded: octets) }
    }

    @Test(arguments: [32, 64, 128] as [UInt8]) func `a flag without a meaning is refused`(_ flag: UInt8) {
        var octets = Sample.full.encoded
        octets[1] |= flag
        #expect(throws: CredentialError.malformed) { try Credentials(encoded: octets) }
    }

    @Test(arguments: [32, 64, 128] as [UInt8])
    func `a flag without a meaning in the second grant is refused`(_ flag: UInt8) throws {
        var octets = Sample.withBareSecond.encoded
        let place = octets.count - 17
        try #require(octets[place] == 0)
        octets[place] |= flag
        #expect(throws: CredentialError.malformed) { try Credentials(encoded: octets) }
    }

    @Test func `a flag for a second grant that is not there is refused`() {
        var octets = Sample.full.encoded
        octets[1] |= 16
        #expect(throws: CredentialError.malformed) { try Credentials(encoded: octets) }
    }

    @Test func `text that is not UTF-8 is refused`() {
        var octets = Sample.full.encoded
        octets[6] = 0xFF
        #expect(throws: CredentialError.malformed) { try Credentials(encoded: octets) }
    }

    @Test func `a length past the end is refused`() {
        var octets = Sample.full.encoded
        octets.replaceSubrange(2..<6, with: [255, 255, 255, 255])
        #expect(throws: CredentialError.malformed) { try Credentials(encoded: octets) }
    }

    @Test func `S23 credentials are silent however they are shown`() {
        var dumped = ""
        dump(Sample.full, to: &dumped)
        dump([Sample.full as Credentials?], to: &dumped)
        dump(Sample.withSecond.second, to: &dumped)
        let shown = [
            "\(Sample.full)", String(describing: Sample.full), String(reflecting: Sample.full), dumped,
            "\([Sample.full])", String(reflecting: Sample.withSecond), "\(Sample.withSecond.second as Any)",
            "\(Optional(Sample.full) as Any)",
        ]
        for text in shown { #expect(!text.contains("canary")) }
    }
}
