/// Why a Tink keyset was not read, or a keyring not written as one. None shows key material.
public enum TinkKeysetError: Error, Equatable {
    /// Not the JSON of a cleartext keyset; `field` is where.
    case invalid(field: String, reason: String)
    /// The keyset is encrypted.
    case encrypted
    /// A key of another kind than AES256_CTR_HMAC_SHA256 with the TINK prefix; `property` is what differs, `found` what
    /// stands there.
    case unsupported(keyID: UInt32, property: String, found: String)
    /// The keyset's primary key is not among its keys, or is not enabled.
    case noPrimaryKey(UInt32)
    /// A keyset has a primary key, and the ring none that seals.
    case nothingSeals
    /// The keys do not make a keyring.
    case keyring(KeyringFileError)
}

extension TinkKeysetError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalid(let field, let reason): "the keyset's \(field) \(reason)"
        case .encrypted:
            "the keyset is encrypted: make a cleartext one with `tinkey convert-keyset --out-format json`"
        case .unsupported(let keyID, let property, let found):
            "key \(keyID) of the keyset has \(property) \(found), where only keys of the template "
                + "AES256_CTR_HMAC_SHA256 are read"
        case .noPrimaryKey(let id): "the keyset's primary key \(id) is not among its enabled keys"
        case .nothingSeals: "no key of the ring seals, and a keyset has a primary key"
        case .keyring(let error): "\(error)"
        }
    }
}
