import ConnectAPI
import Keyrings
import StateTokens

extension JSONOutput.Members {
    /// What a keyring says of itself, under the file's own names, and its digest.
    ///
    /// - Parameter isKept: whether there is such a ring; if it was only tried, what is random about it
    ///   means nothing.
    mutating func keyring(_ keyring: Keyring, isKept: Bool = true) {
        member("purpose", keyring.purpose.rawValue)
        member("deployment", isKept ? keyring.deploymentID : nil)
        member("digest", isKept ? keyring.digest : nil)
        member("max_lifetime", Int(keyring.maximumLifetime.components.seconds))
        member("propagation", Int(keyring.propagation.components.seconds))
        member("skew", Int(keyring.skew.components.seconds))
    }
}
