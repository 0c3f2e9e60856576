public import StateTokens

/// Why a keyring that was found in place of the one in force is not put in force. Each says what to do about it, and none
/// shows key material.
public enum KeyringReloadError: Error, Equatable {
    /// It cannot be read, or is no keyring of this purpose.
    case file(KeyringFileError)
    /// Another deployment's keyring: neither its keys nor the rows sealed under it belong here.
    case otherDeployment(expected: String, found: String)
    /// The id of a key in force, with other material: what that key has sealed would count as forged.
    case otherMaterial(KeyID)
    /// It allows states a shorter life than the service is set to give them, so that no flow could begin.
    case lifetimeTooShort(needed: Duration, found: Duration)
    /// libcrypto does not seal with this key, or does not open what it sealed.
    case unusableKey(KeyID)
}

extension KeyringReloadError {
    /// A name for metrics and for those who may not know paths.
    public var code: String {
        switch self {
        case .file(let error): error.code
        case .otherDeployment: "other_deployment"
        case .otherMaterial: "other_material"
        case .lifetimeTooShort: "lifetime_too_short"
        case .unusableKey: "unusable_key"
        }
    }
}

extension KeyringFileError {
    fileprivate var code: String {
        switch self {
        case .notFound: "not_found"
        case .inaccessible: "inaccessible"
        case .notAFile: "not_a_file"
        case .tooOpen: "too_open"
        case .tooLarge: "too_large"
        case .alreadyExists: "already_exists"
        case .invalid: "invalid"
        case .unsupportedVersion: "unsupported_version"
        case .wrongPurpose: "wrong_purpose"
        case .weakMaterial: "weak_material"
        case .locked: "locked"
        case .mounted: "mounted"
        case .ownerNotKept: "owner_not_kept"
        case .change: "change"
        case .keyring(let error): error.code
        }
    }
}

extension KeyringError {
    fileprivate var code: String {
        switch self {
        case .wrongMaterialLength: "wrong_material_length"
        case .noKeys: "no_keys"
        case .duplicateID: "duplicate_id"
        case .duplicateMaterial: "duplicate_material"
        case .invalidDuration: "invalid_duration"
        case .unavailable: "unavailable"
        }
    }
}

extension KeyringReloadError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .otherDeployment(let expected, let found):
            "the keyring belongs to deployment \(found), and this is \(expected): put the right one in its place"
        case .otherMaterial(let id):
            "key \(id) has other material than before: a new key needs a new id. Make keys with `symbolon keys rotate`"
        case .lifetimeTooShort(let needed, let found):
            "the keyring's max_lifetime is \(found.components.seconds) s, and state.lifetime is "
                + "\(needed.components.seconds) s; raise the one or lower the other and start again"
        case .unusableKey(let id): "key \(id) does not open what it seals: libcrypto is out of order"
        }
    }
}
