package import HTTPTypes
internal import Hummingbird

/// An answer in JSON that is there as a whole, whoever sends it. No cache keeps it.
package struct JSONAnswer: Sendable {
    package let status: HTTPResponse.Status
    package let headers: HTTPFields
    package let octets: [UInt8]

    /// - Parameter headers: beside those that each answer has.
    package init(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], octets: [UInt8]) {
        self.status = status
        var all: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        all.append(contentsOf: headers)
        self.headers = all
        self.octets = octets
    }

    /// What a client is told of an error, or `nil` if nobody expected it.
    init?(to error: any Error) {
        switch error {
        case let error as APIError: self = error.answer
        case let error as RequestValidationError: self = error.answer
        case let error as HTTPError: self = APIError(error).answer
        default: return nil
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
