/// Why a ticket or a session was not encoded.
package enum TokenEncodingError: Error, Equatable {
    /// The token would have more octets than its format takes.
    case tooLong
    /// A field that the format cannot carry, or a state that is no token.
    case invalidField
    /// The keyring keeps its keys for shorter sessions only.
    case lifetimeTooLong(longest: Duration)
    /// No key of the ring is enabled.
    case noSealingKey
    /// libcrypto failed or gave no random octets.
    case unavailable
}

extension TokenEncodingError {
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
