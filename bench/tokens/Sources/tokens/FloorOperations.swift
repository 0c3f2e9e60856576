import Floor
import StateTokens

/// The floor in C.
struct FloorOperations {
    private static let associatedData = Array("symbolon/state/1/\(Parts.audience)".utf8)

    let flow: Flow
    let parts: Parts
    let sink: Sink

    func add(to operations: inout [String: Operations.Operation]) throws {
        guard let context = floor_make(Parts.material, Self.associatedData, Self.associatedData.count) else {
            throw BenchError.wrong("floor")
        }
        for size in BareOperations.sizes { addBare("floor-evp", size, context, to: &operations) }
        try addWhole("floor-evp", context, to: &operations)
    }

    private func addBare(
        _ name: String, _ size: Int, _ context: OpaquePointer,
        to operations: inout [String: Operations.Operation]
    ) {
        let sink = sink
        let plaintext = [UInt8](repeating: 7, count: size)
        var sealed = [UInt8](repeating: 0, count: size + 53)
        floor_seal(context, plaintext, size, &sealed)
        let token = sealed
        operations["\(name)-seal-\(size)"] = { count in
            var room = token
            for _ in 0..<count { sink.take(floor_seal(context, plaintext, size, &room)) }
        }
        operations["\(name)-open-\(size)"] = { count in
            var room = plaintext
            for _ in 0..<count {
                guard floor_open(context, token, token.count, &room) == size else {
                    throw BenchError.wrong("floor open")
                }
            }
        }
    }

    /// A record as long as the flow's, with base64url and the step of PKCE that goes with it.
    private func addWhole(
        _ name: String, _ context: OpaquePointer, to operations: inout [String: Operations.Operation]
    ) throws {
        let sink = sink
        let text = try parts.codec.encode(
            flow.state(issuedAt: .now(), parts.codec.makeCodeVerifier())
        ).text
        let byteCount = text.utf8.count * 3 / 4 - 53
        let record = [UInt8](repeating: 7, count: byteCount)
        operations["\(name)-encode"] = { count in
            var (verifier, challenge) = ([UInt8](repeating: 0, count: 32), [CChar](repeating: 0, count: 43))
            var room = [CChar](repeating: 0, count: 1024)
            for _ in 0..<count {
                floor_pkce(context, &verifier, &challenge)
                sink.take(floor_encode(context, record, byteCount, &room))
            }
        }
        var token = [CChar](repeating: 0, count: 1024)
        let length = floor_encode(context, record, byteCount, &token)
        guard length == text.utf8.count else { throw BenchError.wrong("floor length \(length)") }
        let sealed = token
        operations["\(name)-verify"] = { count in
            var (room, verifier) = ([UInt8](repeating: 0, count: 1024), [CChar](repeating: 0, count: 43))
            for _ in 0..<count {
                guard floor_decode(context, sealed, length, &room) == byteCount else {
                    throw BenchError.wrong("floor verify")
                }
                floor_verifier_text(room, &verifier)
                sink.take(Int(verifier[0]))
            }
        }
    }
}
