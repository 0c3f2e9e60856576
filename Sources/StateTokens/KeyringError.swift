/// Why keys do not make a keyring.
public enum KeyringError: Error, Equatable {
    /// Key material has 64 octets: 32 for AES-256, 32 for HMAC-SHA-256.
    case wrongMaterialLength(byteCount: Int)
    /// A keyring without a key can neither seal nor open.
    case noKeys
    /// Two keys have this id.
    case duplicateID(KeyID)
    /// These two keys share their material, so that the key id would not tell them apart.
    case duplicateMaterial(KeyID, KeyID)
    /// A lifetime, propagation or skew that is negative, or a greatest lifetime of nothing.
    case invalidDuration
    /// libcrypto could not give random octets.
    case unavailable
}
