/// Why libcrypto did not do what it was asked.
package enum CryptographyError: Error, Equatable {
    /// libcrypto refused or had no memory: nothing a caller did, and nothing to try again at once.
    case unavailable
    /// A key of another length than the algorithm takes.
    case wrongKeyLength(byteCount: Int)
    /// No key in PEM without a passphrase, not on its curve, or one of a type that nothing here uses.
    case wrongKey
    /// An RSA key of less than 2,048 bits.
    case weakKey(bitCount: Int)
    /// A key of this type makes no such signatures.
    case wrongAlgorithm
}
