import Encodings
import Testing

@testable import StateTokens

/// The sealed layout against vectors made with pyca/cryptography and Google Tink (Vectors/sealed_token.py).
@Suite("The sealed layout") struct SealedLayoutTests {
    struct File: Decodable {
        struct KeyEntry: Decodable {
            let id: UInt32
            let aes: String
            let hmac: String
        }
        struct Vector: Decodable {
            let tcId: Int
            let comment: String
            let aad: String
            let plaintext: String?
            let sealed: String
            let token: String
            let result: String
        }
        let keys: [KeyEntry]
        let tests: [Vector]
    }

    let file: File
    let contexts: [KeyContext]

    init() throws {
        file = try VectorFile.load("sealed-token.json", as: File.self)
        contexts = try file.keys.map { entry in
            let material = try KeyMaterial(octets: octets(entry.aes + entry.hmac).span)
            return try KeyContext(
                Key(
                    id: KeyID(rawValue: entry.id), material: material, created: TestKeys.start,
                    activates: TestKeys.start))
        }
    }

    private func open(_ sealed: [UInt8], aad: [UInt8]) throws -> [UInt8]? {
        guard let id = try? SealedFrame.keyID(of: sealed.span),
            let context = contexts.first(where: { $0.id == id })
        else { return nil }
        return try context.open(sealed.span, prefix: aad, context: Span())
    }

    @Test func `all 39 valid vectors open`() throws {
        let valid = file.tests.filter { $0.result == "valid" }
        #expect(valid.count == 39)
        for vector in valid {
            let plaintext = try open(octets(vector.sealed), aad: octets(vector.aad))
            #expect(plaintext.map(hex) == vector.plaintext, "\(vector.tcId) \(vector.comment)")
        }
    }

    @Test func `all 37 invalid vectors are refused`() throws {
        let invalid = file.tests.filter { $0.result == "invalid" }
        #expect(invalid.count == 37)
        for vector in invalid {
            #expect(
                try open(octets(vector.sealed), aad: octets(vector.aad)) == nil,
                "\(vector.tcId) \(vector.comment)")
        }
    }

    @Test func `sealing with the vectors' IV gives the vectors' octets`() throws {
        for vector in file.tests where vector.result == "valid" {
            let sealed = octets(vector.sealed)
            let context = try #require(contexts.first { (try? SealedFrame.keyID(of: sealed.span)) == $0.id })
            var frame = [UInt8](repeating: 0, count: 5) + sealed[5..<21]
            frame += octets(vector.plaintext ?? "") + [UInt8](repeating: 0, count: 32)
            var span = frame.mutableSpan
            try context.seal(&span, prefix: octets(vector.aad), context: Span())
            #expect(hex(frame) == vector.sealed, "\(vector.tcId) \(vector.comment)")
        }
    }

    @Test func `the tokens are the base64url of the octets, both ways`() {
        for vector in file.tests {
            #expect(Base64URL.encode(octets(vector.sealed).span) == vector.token)
            #expect(Base64URL.decode(vector.token) == octets(vector.sealed))
        }
    }
}
