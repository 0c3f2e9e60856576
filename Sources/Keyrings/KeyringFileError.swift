public import StateTokens

/// Why a keyring file was not read or written. Each says what to do about it, and none shows key material.
public enum KeyringFileError: Error, Equatable {
    /// There is nothing at this path.
    case notFound(path: String)
    /// The system call failed; `reason` is its message.
    case inaccessible(path: String, reason: String)
    /// Neither a file nor a folder that holds one.
    case notAFile(path: String)
    /// The world has some access to it, or its group may write it.
    case tooOpen(path: String, mode: UInt32)
    /// More than a mebibyte.
    case tooLarge(path: String)
    /// A file is there already, and a new keyring never replaces one.
    case alreadyExists(path: String)
    /// Not JSON, or not of the shape that a keyring has; `field` is where.
    case invalid(field: String, reason: String)
    /// A version that this release does not read.
    case unsupportedVersion(Int)
    /// A keyring of another purpose than the one asked for.
    case wrongPurpose(expected: Keyring.Purpose, found: Keyring.Purpose)
    /// Material that is no random material: a pattern, an example, or twice the same half.
    case weakMaterial(KeyID)
    /// The keys do not make a keyring.
    case keyring(KeyringError)
    /// Another process is changing it, and did so for as long as the caller would wait; `holder` is its id, if it can be
    /// seen from here.
    case locked(path: String, holder: Int32?)
    /// The file is a Kubernetes volume's: whatever is written there is lost, or refused.
    case mounted(path: String)
    /// The file belongs to another user, and would no longer if this one changed it.
    case ownerNotKept(path: String)
    /// The change was refused.
    case change(KeyringChangeError)
}

extension KeyringFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let path):
            "no keyring at \(path): make one with `symbolon keys generate --keyring \(path)`"
        case .inaccessible(let path, let reason): "\(path): \(reason)"
        case .notAFile(let path): "\(path) is neither a file nor a folder with a keyring in it"
        case .tooOpen(let path, let mode):
            "\(path) has mode 0\(String(mode, radix: 8)): others can reach the keys. Run `chmod 600 \(path)` "
                + "(0440 is fine, too), and rotate if somebody may have read it"
        case .tooLarge(let path): "\(path) is larger than 1 MiB, so it is not a keyring"
        case .alreadyExists(let path):
            "\(path) exists already; a keyring is never overwritten. Choose another path"
        case .invalid(let field, let reason): "the keyring's \(field) \(reason)"
        case .unsupportedVersion(let version):
            "the keyring has version \(version); this release reads version 1"
        case .wrongPurpose(let expected, let found):
            "this is a \(found.rawValue) keyring; a \(expected.rawValue) keyring is needed"
        case .weakMaterial(let id):
            "key \(id) is not random: it is a pattern or an example. Make keys with `symbolon keys generate`"
        case .keyring(let error): error.explanation
        case .locked(let path, let holder?):
            "\(path) is being changed by process \(holder): wait until that is done, and run this again"
        case .locked(let path, nil):
            "\(path) is being changed by another process: wait until that is done, and run this again"
        case .mounted(let path):
            "\(path) comes from a Kubernetes volume, which is not written through: change the Secret instead"
        case .ownerNotKept(let path):
            "\(path) belongs to another user, who could not read it any more: run this as that user"
        case .change(let error): "\(error)"
        }
    }
}

extension KeyringFileError {
    /// Translates what went wrong with the file as such.
    init(_ error: AtomicFileError, path: String) {
        self =
            switch error {
            case .notFound: .notFound(path: path)
            case .exists: .alreadyExists(path: path)
            case .notAFile: .notAFile(path: path)
            case .locked(let holder): .locked(path: path, holder: holder)
            case .ownerNotKept: .ownerNotKept(path: path)
            case .system(let place, let reason): .inaccessible(path: place, reason: reason)
            }
    }
}

extension KeyringError {
    fileprivate var explanation: String {
        switch self {
        case .wrongMaterialLength(let byteCount): "key material has \(byteCount) bytes instead of 64"
        case .noKeys: "the keyring has no keys"
        case .duplicateID(let id): "two keys have the id \(id)"
        case .duplicateMaterial(let first, let second): "keys \(first) and \(second) have the same material"
        case .invalidDuration:
            "max_lifetime must be positive, session_lifetime from 1 to 86400, propagation and skew not negative"
        case .unavailable: "libcrypto has no random bytes"
        }
    }
}
