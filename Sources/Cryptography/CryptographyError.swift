/// Why libcrypto did not do what it was asked.
package enum CryptographyError: Error, Equatable {
    /// libcrypto failed or had no memory. Not the caller's fault, and not worth an immediate retry.
    case unavailable
    /// A key of another length than the algorithm takes.
    case wrongKeyLength(byteCount: Int)
    /// Not a key in PEM, a key under a passphrase, a point off its curve, or a key type that is not supported.
    case wrongKey
    /// An RSA key of less than 2,048 bits.
    case weakKey(bitCount: Int)
    /// A key of this type makes no such signatures.
    case wrongAlgorithm
}
