import Foundation
import StateTokens
import TestSupport
import Testing

/// The wire format against Google's own implementation.
@Suite("Google Tink", .timeLimit(.minutes(5))) struct TinkInteropTests {
    struct File: Decodable {
        struct KeyEntry: Decodable {
            let id: UInt32
            let aes: String
            let hmac: String
            let primary: Bool
        }
        let keys: [KeyEntry]
    }

    static let vectors = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../StateTokensTests/Vectors/sealed-token.json")

    /// The vectors' keys as a ring, of which the primary one seals.
    private func sealer() throws -> Sealer {
        let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: Self.vectors))
        let start = Timestamp(secondsSinceEpoch: 1_767_225_600)
        let keys = try file.keys.map { entry in
            let material = octets(entry.aes + entry.hmac)
            return Key(
                id: KeyID(rawValue: entry.id), material: try KeyMaterial(octets: material.span),
                created: start,
                activates: entry.primary ? start : start - .seconds(1))
        }
        return Sealer(KeyringReference(try Keyring(purpose: .state, deploymentID: "d_tink", keys: keys)))
    }

    private func tink() async throws -> TinkInterop {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: Self.vectors)) as? [String: Any]
        let keyset = try JSONSerialization.data(withJSONObject: try #require(object?["tinkKeyset"]))
        return try await TinkInterop.start(keyset: String(decoding: keyset, as: UTF8.self))
    }

    @Test func `Tink opens 10,000 tokens that we sealed`() async throws {
        let sealer = try sealer()
        let tink = try await tink()
        let context = Array("https://connect.example.com".utf8)
        let aad = hex(Array("symbolon/state/1/https://connect.example.com".utf8))
        var tokens: [TinkInterop.Token] = []
        for index in 0..<10_000 {
            let plaintext = (0..<index % 300).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ index) }
            let sealed = try sealer.seal(plaintext.span, as: .state, context: context.span, at: .now())
            tokens.append(.init(sealed: base64URL(sealed), aad: aad, plaintext: hex(plaintext)))
        }
        let outcome = try await tink.open(tokens)
        #expect(outcome == .init(opened: 10_000, wrong_plaintext: 0, refused: 0, first_failure: nil))
        await tink.stop()
    }

    @Test func `we open 10,000 tokens that Tink sealed`() async throws {
        let sealer = try sealer()
        let tink = try await tink()
        let aad = Array("symbolon/ticket/1/https://connect.example.com".utf8)
        let context = Array("https://connect.example.com".utf8)
        let tokens = try await tink.seal(count: 10_000, sizes: [0, 1, 16, 134, 300], aads: [hex(aad)])
        var opened = 0
        for token in tokens {
            let sealed = try #require(octets(base64URL: token.sealed))
            let plaintext = try sealer.open(sealed.span, as: .ticket, context: context.span)
            if hex(plaintext) == token.plaintext { opened += 1 }
            #expect(throws: OpenError.forged) {
                try sealer.open(sealed.span, as: .state, context: context.span)
            }
        }
        #expect(opened == 10_000)
        await tink.stop()
    }

    private func base64URL(_ octets: [UInt8]) -> String {
        Data(octets).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    private func octets(base64URL text: String) -> [UInt8]? {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - standard.count % 4) % 4))
            .map { Array($0) }
    }

    private func octets(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }

    private func hex(_ octets: [UInt8]) -> String {
        octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
