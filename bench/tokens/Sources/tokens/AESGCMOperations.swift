#if canImport(Crypto)
import Crypto
import Foundation

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
#endif
