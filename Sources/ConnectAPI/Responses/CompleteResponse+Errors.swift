internal import ConnectPages
internal import ConnectService
internal import Hummingbird
internal import Logging
internal import OpenTelemetry

extension CompleteResponse {
    /// What a client is told of an error, or `nil` for an unexpected error.
    init?(to error: any Error, _ documentation: ErrorDocumentation?) {
        switch error {
        case let error as APIError: self = error.answer(documentation)
        case let error as RequestValidationError: self = error.answer(documentation)
        case let error as HTTPError: self = APIError(error).answer(documentation)
        default: return nil
        }
    }

    /// What a client is told of any error. An unexpected one is logged, by its type alone.
    ///
    /// - Parameters:
    ///   - id: the request's, where no task has it.
    ///   - span: the request's, where no task has it.
    init(
        to error: any Error, _ documentation: ErrorDocumentation?, _ logger: Logger,
        _ id: RequestIdentifier? = nil, _ span: TraceSpan? = nil
    ) {
        if let answer = CompleteResponse(to: error, documentation) {
            self = answer
        } else {
            var metadata: Logger.Metadata = ["error": "\(type(of: error))"]
            if let id { metadata["request_id"] = "\(id)" }
            if let span { metadata.merge(span.logMetadata) { first, _ in first } }
            logger.error("unexpected error", metadata: metadata)
            self = APIError.internalError.answer(documentation)
        }
    }
}

extension APIError {
    /// What the server's own parts throw.
    fileprivate init(_ error: HTTPError) {
        switch error.status {
        case .notFound, .methodNotAllowed: self = .notFound
        case .contentTooLarge: self = .bodyTooLarge(limit: BodyLimit.initiate)
        case .uriTooLong: self = .uriTooLong
        default:
            self.init(error.status, "invalid_request", error.body ?? "The request cannot be read.")
        }
    }
}
