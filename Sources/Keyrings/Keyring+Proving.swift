public import StateTokens

extension Keyring {
    /// The keys that do not open what they have sealed, of those that open at all: none, unless libcrypto or the memory
    /// is broken.
    public func keysThatFail() -> [KeyID] {
        keys.filter { $0.status != .disabled && !$0.sealsAndOpens() }.map(\.id)
    }
}
