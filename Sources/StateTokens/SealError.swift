/// Why octets were not sealed.
public enum SealError: Error, Equatable {
    /// No key of the ring is enabled.
    case noSealingKey
    /// More octets than one seal takes, which is 16 MiB.
    case tooLong(byteCount: Int)
    /// libcrypto failed or gave no random octets.
    case unavailable
}

/// Why sealed octets were not opened.
public enum OpenError: Error, Equatable {
    /// Not of a known version, or of an impossible length.
    case malformed
    /// No key in the keyring has this id.
    case unknownKey(KeyID)
    /// The key is disabled, so nothing that it sealed is believed.
    case disabledKey(KeyID)
    /// The tag does not match the contents, the purpose and the context.
    case forged
    /// libcrypto failed.
    case unavailable
}
