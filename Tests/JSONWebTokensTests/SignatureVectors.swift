import Cryptography
import Encodings
import Foundation
import Testing

/// A token of an RFC, with the key that made it.
struct PublishedVector: Decodable, CustomStringConvertible {
    private struct File: Decodable {
        let source: String
        let vectors: [PublishedVector]
    }

    let section: String
    let algorithm: String
    let jwk: [String: String]
    let token: String

    var description: String { "\(section) \(algorithm)" }

    static func all() throws -> [PublishedVector] {
        try ["rfc7515", "rfc7520", "rfc8037"].flatMap { name in
            try JSONDecoder().decode(File.self, from: VectorFolder.data("\(name).json")).vectors
        }
    }
}

/// Keys and signatures that joserfc made: `Vectors/signatures.py`.
struct SignatureVectors: Decodable {
    struct Key: Decodable {
        let jwk: [String: String]
        let privatePEM: String
        let publicPEM: String

        var privateJWK: [UInt8] { get throws { Array(try JSONEncoder().encode(jwk)) } }
    }

    struct Signature: Decodable {
        let algorithm: String
        let key: String
        let token: String
    }

    let keys: [String: Key]
    let signatures: [Signature]

    init() throws {
        self = try JSONDecoder().decode(Self.self, from: VectorFolder.data("signatures.json"))
    }

    func key(_ name: String) throws -> Key { try #require(keys[name]) }
}

enum VectorFolder {
    static func data(_ name: String) throws -> Data {
        let folder = URL(filePath: #filePath).appending(path: "../Vectors").standardizedFileURL
        return try Data(contentsOf: folder.appending(path: name))
    }
}

/// A token in what is signed and the signature.
struct SignedText {
    let message: [UInt8]
    let signature: [UInt8]

    init(_ token: String) throws {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        try #require(parts.count == 3)
        message = Array("\(parts[0]).\(parts[1])".utf8)
        signature = try #require(Base64URL.decode(parts[2]))
    }
}
