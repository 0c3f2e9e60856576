import Cryptography
import Foundation
import Testing

@Suite("SigningKey") struct SigningKeyTests {
    /// A key that signs nothing but tests.
    private static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSL4xUnnwLdeM3iPP
        dtxYWBNYYUq1f0qYxevPV75fzxihRANCAASTAQ9+24Lvb70RLmEBZLJYon+H5d9I
        dYyilNkAojpi+HnuqdJdRF6iwLlMX7es0pdFSdpxEBm6SdIsBTzLIJmd
        -----END PRIVATE KEY-----
        """
    private static let publicPEM = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkwEPftuC72+9ES5hAWSyWKJ/h+Xf
        SHWMopTZAKI6Yvh57qnSXUReosC5TF+3rNKXRUnacRAZuknSLAU8yyCZnQ==
        -----END PUBLIC KEY-----
        """

    /// Asks the openssl program, which is not the code that signed.
    private func verifies(_ signature: [UInt8], of message: [UInt8]) throws -> Bool {
        let folder = FileManager.default.temporaryDirectory.appending(path: "es256-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(Self.publicPEM.utf8).write(to: folder.appending(path: "key.pem"))
        try Data(Self.der(signature)).write(to: folder.appending(path: "signature"))
        try Data(message).write(to: folder.appending(path: "message"))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "message",
        ]
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private static func der(_ signature: [UInt8]) -> [UInt8] {
        func integer(_ octets: ArraySlice<UInt8>) -> [UInt8] {
            var octets = Array(octets.drop { $0 == 0 })
            if octets.first.map({ $0 >= 0x80 }) ?? true { octets.insert(0, at: 0) }
            return [2, UInt8(octets.count)] + octets
        }
        let numbers = integer(signature[..<32]) + integer(signature[32...])
        return [0x30, UInt8(numbers.count)] + numbers
    }

    @Test func `a signature is 64 octets that another implementation verifies`() throws {
        let key = try SigningKey(pem: Self.pem)
        // Many messages, because a number that begins with a zero is rare and easily written too short.
        for number in 0..<40 {
            let message = Array("message \(number)".utf8)
            let signature = try key.signature(of: message.span, .es256)
            #expect(signature.count == 64)
            #expect(try verifies(signature, of: message))
            #expect(try !verifies(signature, of: message + [0]))
        }
    }

    @Test(arguments: ["", "secret", publicPEM, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"])
    func `what is no private key is refused`(_ pem: String) {
        #expect(throws: CryptographyError.wrongKey) { try SigningKey(pem: pem) }
    }

    @Test func `a key under a passphrase is refused, and nobody is asked for it`() {
        let pem = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi/HUdUduI6TAICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHykb68q7DGMc7+vCSTrKsoEgZBE
            JGovY+rsPju+j5azJYaTzTN1Z7ToRz4kP7QXHLWzRcTQ7wYnaQb7r0/rJl2LvTLg
            RKnQfRftH3ibS4biyRuQ1YvuL0mS0gqTSSwl8X9AdKBMKdSwf/MWYdxx9SARvSU5
            FuH0DKg06rfmvvdjC1oP4sO+jhJL1ivgzoNGKjqK3k7D5EWd32RzflcM86NBJ74=
            -----END ENCRYPTED PRIVATE KEY-----
            """
        #expect(throws: CryptographyError.wrongKey) { try SigningKey(pem: pem) }
    }

    @Test func `S23 a key shows nowhere`() throws {
        var dumped = ""
        dump(try SigningKey(pem: Self.pem), to: &dumped)
        #expect(!dumped.contains("MIGH"))
    }
}
