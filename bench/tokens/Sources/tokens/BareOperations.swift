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
