/// What encoding any token may fail by: writing its record, or sealing it.
protocol TokenEncodingError: Error {
    static var tooLong: Self { get }
    static var invalidField: Self { get }
    static var noSealingKey: Self { get }
    static var unavailable: Self { get }
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
