package import StateTokens

/// Why sealed credentials did not open.
package enum CredentialError: Error, Equatable {
    /// The octets are not sealed ones, their key is not at hand, or they are from another row, workspace, column or
    /// deployment.
    case unopened(OpenError)
    /// Authentic, but what was in them is not credentials.
    case malformed
    /// Authentic, but written by a version that is not ours.
    case unknownVersion(UInt8)
}
