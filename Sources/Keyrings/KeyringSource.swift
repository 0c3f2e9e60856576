public import StateTokens

/// Where a keyring comes from: a file, a folder that holds it, or the JSON itself.
public enum KeyringSource: Sendable, Equatable {
    /// A file, or a folder with the file in it; it may be replaced while it is in use.
    case path(String)
    /// The JSON, from the environment: it stays as it is for as long as the process lives.
    case json(String)

    /// Reads and checks the keyring.
    ///
    /// - Throws: ``KeyringFileError``.
    public func load(_ purpose: Keyring.Purpose) throws(KeyringFileError) -> Keyring {
        switch self {
        case .path(let path): try KeyringFile.load(path, purpose: purpose)
        case .json(let text): try KeyringDocument.parse(Array(text.utf8), purpose: purpose)
        }
    }
}

extension KeyringSource: CustomStringConvertible, CustomReflectable {
    /// The path; the JSON is secret.
    public var description: String {
        switch self {
        case .path(let path): path
        case .json: "(secret)"
        }
    }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
