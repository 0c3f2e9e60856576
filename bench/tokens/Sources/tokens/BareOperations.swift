import Crypto
import Foundation
import StateTokens

/// Octets sealed and opened, without a record and without base64url.
struct BareOperations {
    static let sizes = [100, 200, 400]

    let parts: Parts
    let sink: Sink

    func add(to operations: inout [String: Operations.Operation]) throws {
        let (parts, sink) = (parts, sink)
        let now = Timestamp.now()
        let context = Array(Parts.audience.utf8)
        for size in Self.sizes {
            let plaintext = [UInt8](repeating: 7, count: size)
            operations["seal-\(size)"] = { count in
                for _ in 0..<count {
                    let sealed = try parts.sealer.seal(
                        plaintext.span, as: .state, context: context.span, at: now)
                    sink.take(sealed.count)
                }
            }
            let sealed = try parts.sealer.seal(plaintext.span, as: .state, context: context.span, at: now)
            operations["open-\(size)"] = { count in
                for _ in 0..<count {
                    let opened = try parts.sealer.open(sealed.span, as: .state, context: context.span)
                    sink.take(opened.count)
                }
            }
        }
    }
}

/// swift-crypto's AES-GCM: octets only, one key, nothing else.
struct AESGCMOperations {
    let sink: Sink

    func add(to operations: inout [String: Operations.Operation]) throws {
        let sink = sink
        let key = SymmetricKey(data: Parts.material.prefix(32))
        let plaintext = Data(repeating: 7, count: 200)
        operations["swift-crypto-seal-200"] = { count in
            for _ in 0..<count {
                guard let sealed = try AES.GCM.seal(plaintext, using: key).combined else {
                    throw BenchError.wrong("AES.GCM")
                }
                sink.take(sealed.count)
            }
        }
        guard let sealed = try AES.GCM.seal(plaintext, using: key).combined else {
            throw BenchError.wrong("AES.GCM")
        }
        operations["swift-crypto-open-200"] = { count in
            for _ in 0..<count {
                sink.take(try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key).count)
            }
        }
    }
}
