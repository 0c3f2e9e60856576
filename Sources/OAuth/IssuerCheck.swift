package import Integrations

/// Why a callback does not come from the provider that the flow went to (RFC 9207 §2.4).
package enum IssuerError: Error, Equatable {
    case mismatch
    /// The provider promises `iss`, and it is not there.
    case missing
    /// The provider's signature is missing or invalid, or a field with a known value has another one.
    case unsigned
}

/// Compares a callback's `iss`, on error responses too, before anything else of it is used.
package enum IssuerCheck {
    /// All that a callback proves about its origin.
    package static func verify(
        _ parameters: CallbackParameters, for integration: ConfiguredIntegration, endpoints: Endpoints
    ) throws(IssuerError) {
        try verify(parameters.issuer, for: integration, endpoints: endpoints)
        do throws(CallbackError) {
            guard try parameters.isSigned(for: integration, endpoints: endpoints) else {
                throw CallbackError.malformed(reason: "the signature does not hold")
            }
        } catch {
            throw .unsigned
        }
    }

    /// A plain comparison of strings: URLs that mean the same are not the same issuer.
    package static func verify(
        _ issuer: String?, for integration: ConfiguredIntegration, endpoints: Endpoints
    ) throws(IssuerError) {
        guard let issuer else {
            if integration.sendsIssuer { throw .missing }
            return
        }
        // Without a known issuer there is nothing to compare with; the path and the state still name the
        // integration.
        guard let expected = endpoints.issuer else {
            if integration.sendsIssuer { throw .mismatch }
            return
        }
        guard issuer.utf8.elementsEqual(expected.utf8) else { throw .mismatch }
    }
}
