/// Why a ticket was not accepted.
package enum TicketError: Error, Equatable {
    /// The text is not base64url of a known version and length.
    case malformed
    /// No key in the keyring has this id.
    case unknownKey(KeyID)
    /// The ticket's key or its state's is disabled: nothing that it sealed is believed.
    case disabledKey(KeyID)
    /// The tag does not match the contents, the purpose and the audience.
    case forged
    /// Authentic, but its record is of another version than this code reads.
    case unreadable
    /// Authentic, but issued later than now, by more than clocks may differ.
    case notYetValid
    /// Authentic, but past its lifetime.
    case expired
    /// libcrypto failed.
    case unavailable
}

/// Why a ticket was not encoded.
package enum TicketEncodingError: Error, Equatable {
    /// The record would have more octets than the format takes.
    case tooLong
    /// A code, a field's name or a scope that the format cannot carry, or a state that is no token.
    case invalidField
    /// No key of the ring is enabled.
    case noSealingKey
    /// libcrypto failed or gave no random octets.
    case unavailable
}

extension TicketEncodingError {
    init(_ error: StateEncodingError) {
        switch error {
        case .tooLong: self = .tooLong
        case .invalidField: self = .invalidField
        case .noSealingKey: self = .noSealingKey
        case .unavailable: self = .unavailable
        }
    }

    init(_ error: SealError) {
        switch error {
        case .noSealingKey: self = .noSealingKey
        case .tooLong: self = .tooLong
        case .unavailable: self = .unavailable
        }
    }
}

extension TicketError {
    init(_ error: OpenError) {
        switch error {
        case .malformed: self = .malformed
        case .unknownKey(let id): self = .unknownKey(id)
        case .disabledKey(let id): self = .disabledKey(id)
        case .forged: self = .forged
        case .unavailable: self = .unavailable
        }
    }
}
