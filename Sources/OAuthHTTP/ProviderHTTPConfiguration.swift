internal import Encodings

/// Bounds on what a provider may cost, and where requests may go.
package struct ProviderHTTPConfiguration: Sendable {
    /// For the whole of a request, from the look-up of the name to the answer's last octet.
    package var timeout: Duration
    package var connectTimeout: Duration
    package var byteCountLimit: Int
    /// Plain `http`, and loopback addresses: for development and tests.
    package var allowsInsecureLoopback: Bool
    /// Providers inside the operator's own network.
    package var allowsPrivateAddresses: Bool

    package init(
        timeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(5),
        byteCountLimit: Int = 1 << 20,
        allowsInsecureLoopback: Bool = false, allowsPrivateAddresses: Bool = false
    ) {
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.byteCountLimit = byteCountLimit
        self.allowsInsecureLoopback = allowsInsecureLoopback
        self.allowsPrivateAddresses = allowsPrivateAddresses
    }

    func allows(_ address: IPAddress) -> Bool {
        switch address.reach {
        case .public: true
        case .loopback: allowsInsecureLoopback
        case .private: allowsPrivateAddresses
        case .special: false
        }
    }
}
