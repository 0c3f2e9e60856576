internal import StateTokens

extension Purpose {
    /// Hashes of authorization codes, by which a claim tells one code from another.
    static let code = known("code")

    private static func known(_ text: String) -> Purpose {
        guard let purpose = Purpose(text) else { preconditionFailure("\(text) is no purpose") }
        return purpose
    }
}
