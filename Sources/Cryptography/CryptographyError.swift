/// Why libcrypto did not do what it was asked.
package enum CryptographyError: Error, Equatable {
    /// libcrypto refused or had no memory: nothing a caller did, and nothing to try again at once.
    case unavailable
    /// A key of another length than the algorithm takes.
    case wrongKeyLength(byteCount: Int)
    /// No private key in PEM without a passphrase, or one of another kind than the algorithm takes.
    case wrongKey
}
