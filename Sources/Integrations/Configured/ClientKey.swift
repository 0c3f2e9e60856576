package import Cryptography

/// The private key that signs a client's secrets, with its name and owner at the provider.
package struct ClientKey: Sendable {
    package let key: SigningKey
    package let id: String
    package let issuer: String
}
