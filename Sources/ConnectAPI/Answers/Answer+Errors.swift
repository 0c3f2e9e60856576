internal import Hummingbird
internal import Logging

extension Answer {
    /// What a client is told of an error, or `nil` for an unexpected error.
    init?(to error: any Error) {
        switch error {
        case let error as APIError: self = error.answer
        case let error as RequestValidationError: self = error.answer
        case let error as HTTPError: self = APIError(error).answer
        default: return nil
        }
    }

    /// What a client is told of any error. An unexpected one is logged, by its type alone.
    init(to error: any Error, _ logger: Logger) {
        if let answer = Answer(to: error) {
            self = answer
        } else {
            logger.error("unexpected error", metadata: ["error": "\(type(of: error))"])
            self = APIError.internalError.answer
        }
    }
}

extension APIError {
    /// What the server's own parts throw.
    fileprivate init(_ error: HTTPError) {
        switch error.status {
        case .notFound, .methodNotAllowed: self = .notFound
        case .contentTooLarge: self = .bodyTooLarge(limit: InitiateRoute.maximumBodyByteCount)
        case .uriTooLong: self = .uriTooLong
        default:
            self.init(error.status, "invalid_request", error.body ?? "The request cannot be read.")
        }
    }
}
