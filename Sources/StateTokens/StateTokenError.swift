/// Why a state token was not accepted.
public enum StateTokenError: Error, Equatable {
    /// The text is not base64url of a known version and length.
    case malformed
    /// No key in the keyring has this id.
    case unknownKey(KeyID)
    /// The key is disabled: nothing that it sealed is believed.
    case disabledKey(KeyID)
    /// The tag does not match the contents, the purpose and the audience.
    case forged
    /// Authentic, but its record is of another version than this code reads.
    case unreadable
    /// Authentic, but issued later than now, by more than clocks may differ.
    case notYetValid(VerifiedState)
    /// Authentic, but past its lifetime; the state still says where to go.
    case expired(VerifiedState)
    /// libcrypto failed.
    case unavailable
}

extension StateTokenError {
    /// The name for logs and metrics.
    package var name: String {
        switch self {
        case .malformed: "malformed"
        case .unknownKey: "unknown_key"
        case .disabledKey: "disabled_key"
        case .forged: "forged"
        case .unreadable: "unreadable"
        case .notYetValid: "not_yet_valid"
        case .expired: "expired"
        case .unavailable: "unavailable"
        }
    }

    /// The key that the token names, if that is what is wrong.
    package var keyID: KeyID? {
        switch self {
        case .unknownKey(let id), .disabledKey(let id): id
        case .malformed, .forged, .unreadable, .notYetValid, .expired, .unavailable: nil
        }
    }
}

/// Why a flow's state was not encoded.
public enum StateEncodingError: Error, Equatable {
    /// The record would have more octets than the format takes, which is 1024.
    case tooLong
    /// A field that the format cannot carry.
    case invalidField(FlowStateField)
    /// No key of the ring is enabled.
    case noSealingKey
    /// libcrypto failed or gave no random octets.
    case unavailable
}

/// A field of ``FlowState``, for errors.
public enum FlowStateField: String, Sendable {
    case issuedAt, lifetime, integrationID, authMethodID, workspaceID, userID, scopes, redirectURI
    case parameters, connectionID, appState, label, tags, userLabel
}
