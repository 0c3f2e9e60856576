internal import HTTPTypes
internal import Hummingbird

extension Request {
    /// 1 to 255 visible ASCII characters, compared as they are.
    func idempotencyKey() throws(RequestValidationError) -> String? {
        guard let key = headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw RequestValidationError(
                idempotencyKey: "A key has 1 to 255 visible ASCII characters", type: "string_pattern_mismatch"
            )
        }
        return key
    }
}

extension RequestValidationError {
    /// - Parameter kind: what the key came with before, as a noun.
    static func idempotencyKeyReused(for kind: String) -> RequestValidationError {
        RequestValidationError(
            idempotencyKey: "This key has come before, with another \(kind); take a new one",
            type: "idempotency_key_reused")
    }

    fileprivate init(idempotencyKey message: String, type: String) {
        self.init([
            ValidationIssue(loc: [.name("header"), .name("Idempotency-Key")], msg: message, type: type)
        ])
    }
}
