package import OAuth
package import StateTokens

/// Why a callback is rejected. To a browser all faults of a state look the same; the log tells them apart.
package enum CallbackVerificationError: Error, Equatable {
    /// Its parameters cannot be used.
    case parameters(CallbackError)
    case stateMissing
    /// The state did not verify. One that is merely out of date ends its flow instead, and so is not here.
    case state(StateTokenError)
    /// The path names another integration than the state.
    case otherIntegration
    /// The path is that of another client, tenant or workspace than the state's.
    case otherContext
    /// The workspace is gone, or does not list the redirect URI any more.
    case redirectURINotAllowed
    /// Not from the provider that the flow went to (RFC 9207 §2.4).
    case wrongIssuer(IssuerError)
    /// This replica is not ready, or libcrypto failed. The callback itself may be fine, and may come again.
    case notReady
    /// The document of the server that the flow is at could not be read. The callback itself may be fine, and may come again.
    case undiscovered(DiscoveryNeed)

    /// The name for logs and metrics.
    package var name: String {
        switch self {
        case .parameters(.tooLarge): "too_large"
        case .parameters(.malformed): "malformed"
        case .stateMissing: "state_missing"
        case .state(let error): "state_\(error.name)"
        case .otherIntegration: "state_other_integration"
        case .otherContext: "state_other_context"
        case .redirectURINotAllowed: "redirect_uri_not_allowed"
        case .wrongIssuer(.mismatch): "issuer_mismatch"
        case .wrongIssuer(.missing): "issuer_missing"
        case .wrongIssuer(.unsigned): "unsigned"
        case .notReady: "not_ready"
        case .undiscovered: "discovery_failed"
        }
    }

    /// The key that the state names, if that is what is wrong.
    package var keyID: KeyID? {
        guard case .state(let error) = self else { return nil }
        return error.keyID
    }
}

extension CallbackVerificationError {
    init(_ error: StateTokenError) {
        if case .unavailable = error { self = .notReady } else { self = .state(error) }
    }

    init(_ error: TokenEncodingError) {
        switch error {
        case .tooLong: self = .parameters(.tooLarge)
        case .invalidField, .lifetimeTooLong:
            self = .parameters(.malformed(reason: "the callback has a field that no ticket carries"))
        case .noSealingKey, .unavailable: self = .notReady
        }
    }
}
