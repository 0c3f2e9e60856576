package import Encodings

/// Bounds on what a provider may cost, and where requests may go.
package struct ProviderHTTPConfiguration: Sendable {
    /// For the whole of a request, from the look-up of the name to the response's last octet.
    package var timeout: Duration
    package var connectTimeout: Duration
    package var byteCountLimit: Int
    /// Plain `http`, and loopback addresses: for development and tests.
    package var allowsInsecureLoopback: Bool
    /// Providers inside the operator's own network, and what the network hands out in place of their addresses.
    package var allowsPrivateAddresses: Bool
    /// More addresses that requests may go to: a range of the operator's own network, or one that a service mesh or a
    /// name server hands out in place of a provider's.
    package var allowedAddresses: [AddressRange]
    package var proxy: OutgoingProxy?
    /// Certificate authorities that are trusted beside the system's, in PEM.
    package var certificateFile: String?
    /// Certificate authorities that are trusted in place of the system's, in PEM.
    package var systemCertificateFile: String?

    package init(
        timeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(5),
        byteCountLimit: Int = 1 << 20,
        allowsInsecureLoopback: Bool = false, allowsPrivateAddresses: Bool = false,
        allowedAddresses: [AddressRange] = [], proxy: OutgoingProxy? = nil, certificateFile: String? = nil,
        systemCertificateFile: String? = nil
    ) {
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.byteCountLimit = byteCountLimit
        self.allowsInsecureLoopback = allowsInsecureLoopback
        self.allowsPrivateAddresses = allowsPrivateAddresses
        self.allowedAddresses = allowedAddresses
        self.proxy = proxy
        self.certificateFile = certificateFile
        self.systemCertificateFile = systemCertificateFile
    }
}
