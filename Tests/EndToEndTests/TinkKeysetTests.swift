import Encodings
import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

/// The keysets that are exported and imported, against Google's own implementation.
@Suite("Tink keysets", .timeLimit(.minutes(5))) struct TinkKeysetTests {
    private static let context = Array("https://connect.example.com".utf8)
    private static let aad = "symbolon/state/1/https://connect.example.com"

    private func key(_ number: UInt32, activates: Int64, status: Key.Status = .enabled) throws -> Key {
        let now = Timestamp.now()
        return Key(
            id: KeyID(rawValue: number), material: try .random(), created: now - .seconds(9000),
            activates: now + .seconds(activates), status: status)
    }

    private func token(_ key: Key, _ plaintext: [UInt8]) throws -> TinkInterop.Token {
        let enabled = Key(id: key.id, material: key.material, created: key.created, activates: key.created)
        let ring = try Keyring(purpose: .state, deploymentID: "d_tink", keys: [enabled])
        let sealed = try Sealer(KeyringReference(ring)).seal(
            plaintext.span, as: .state, context: Self.context.span, at: .now())
        return .init(
            sealed: Base64URL.encode(sealed.span), aad: hex(Array(Self.aad.utf8)), plaintext: hex(plaintext))
    }

    @Test func `Tink opens with an exported keyset what each key sealed, but for disabled ones`() async throws
    {
        let keys = [
            try key(1, activates: -8000), try key(0xffff_fffe, activates: -5000, status: .retired),
            try key(3, activates: -100), try key(4, activates: 600),
            try key(5, activates: -7000, status: .disabled),
        ]
        let ring = try Keyring(purpose: .state, deploymentID: "d_tink", keys: keys)
        let keyset = try TinkKeyset.json(ring, at: .now())
        let tink = try await TinkInterop.start(keyset: String(decoding: keyset, as: UTF8.self))
        let plaintext = Array("the whole of it".utf8)
        let good = try await tink.open(keys.dropLast().map { try token($0, plaintext) })
        #expect(good == .init(opened: 4, wrong_plaintext: 0, refused: 0, first_failure: nil))
        let disabled = try await tink.open([token(keys[4], plaintext)])
        #expect(disabled == .init(opened: 0, wrong_plaintext: 0, refused: 1, first_failure: 0))
        // Its primary key is the one that seals now.
        let sealed = try await tink.seal(count: 1, sizes: [20], aads: [hex(Array(Self.aad.utf8))])
        let octets = try #require(Base64URL.decode(sealed[0].sealed))
        #expect(Array(octets.prefix(5)) == [1, 0, 0, 0, 3])
        let opened = try Sealer(KeyringReference(ring)).open(
            octets.span, as: .state, context: Self.context.span)
        #expect(hex(opened) == sealed[0].plaintext)
        await tink.stop()
    }

    @Test func `a keyset that Tink made of its template is imported, and opens what Tink sealed`()
        async throws
    {
        let folder = try TemporaryFolder()
        let made = try await keyset(template: "AES256_CTR_HMAC_SHA256", in: folder)
        let ring = try TinkKeyset.keyring(Array(made.utf8), purpose: .state, at: .now())
        let tink = try await TinkInterop.start(keyset: made)
        let sealer = Sealer(KeyringReference(ring))
        for token in try await tink.seal(count: 100, sizes: [0, 1, 300], aads: [hex(Array(Self.aad.utf8))]) {
            let octets = try #require(Base64URL.decode(token.sealed))
            let opened = try sealer.open(octets.span, as: .state, context: Self.context.span)
            #expect(hex(opened) == token.plaintext)
        }
        await tink.stop()
        let again = try TinkKeyset.json(ring, at: .now())
        #expect(
            try JSONSerialization.jsonObject(with: Data(again)) as? NSDictionary
                == JSONSerialization.jsonObject(with: Data(made.utf8)) as? NSDictionary)
    }

    @Test(arguments: [
        ("AES128_CTR_HMAC_SHA256", "tag_size 16"), ("AES256_GCM", "AesGcmKey"),
        ("XCHACHA20_POLY1305", "XChaCha20Poly1305Key"), ("AES256_EAX", "AesEaxKey"),
        ("AES256_CTR_HMAC_SHA256_RAW", "the prefix RAW"),
    ]) func `Tink's other templates are refused by name`(_ template: String, _ name: String) async throws {
        let folder = try TemporaryFolder()
        let made = try await keyset(template: template, in: folder)
        do {
            _ = try TinkKeyset.keyring(Array(made.utf8), purpose: .state, at: .now())
            Issue.record("\(template) was imported")
        } catch {
            #expect("\(error)".contains(name), "\(error)")
        }
    }

    /// A cleartext keyset as `tinkey create-keyset --key-template` writes it.
    private func keyset(template: String, in folder: TemporaryFolder) async throws -> String {
        let process = try ServerProcess(
            "/usr/bin/env", ["python3", ServerScript.path("tink-keyset.py"), template, "keyset.json"],
            workingDirectory: folder.url, logFile: folder.url.appending(path: "log"))
        try await process.waitForLine(within: .seconds(300)) { $0 == "written" }
        return try folder.read("keyset.json")
    }

    private func hex(_ octets: [UInt8]) -> String {
        octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
