internal import ConnectPages
internal import Encodings
package import HTTPTypes
package import Hummingbird

/// An error as clients see it: `{"detail": "a sentence for a person", "error_code": "stable_snake_case"}`, and with the
/// setting `documentation_url` the member `documentation`, the URL of the code's description.
package struct APIError: Error, Equatable {
    package let status: HTTPResponse.Status
    package let code: String
    /// Says what to do; never quotes a secret.
    package let detail: String
    package let headers: HTTPFields

    package init(_ status: HTTPResponse.Status, _ code: String, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
    }

    package static let notFound = APIError(
        .notFound, "not_found", "There is nothing here. The routes are listed in /openapi.json.")
    package static func methodNotAllowed(allowed: [HTTPRequest.Method]) -> APIError {
        let names = Set(allowed.map(\.rawValue)).sorted().joined(separator: ", ")
        return APIError(
            .methodNotAllowed, "method_not_allowed", "This path takes \(names).", headers: [.allow: names])
    }
    /// - Parameter limit: what the route takes, in octets.
    package static func bodyTooLarge(limit: Int) -> APIError {
        APIError(
            .contentTooLarge, "body_too_large", "The body is larger than \(limit / 1024) KiB. Send less.")
    }
    package static let uriTooLong = APIError(
        .uriTooLong, "uri_too_long", "The URL is longer than 16 KiB. Send less, or send it as a form.")
    package static let integrationNotFound = APIError(
        .notFound, "integration_not_found",
        "There is no such integration. GET /api/v1/integrations lists all.")
    package static let connectionNotFound = APIError(
        .notFound, "connection_not_found", "The workspace has no such connection.")
    package static let noStore = APIError(
        .notFound, "not_found",
        "This deployment has no store: it keeps no connections, and `complete` hands their credentials to the app."
    )
    package static let internalError = APIError(
        .internalServerError, "internal_error",
        "Something went wrong on our side. It was logged; try again later.")
    package static let storeUnavailable = APIError(
        .serviceUnavailable, "store_unavailable", "The store cannot be reached. Try again in a moment.",
        headers: [.retryAfter: "2"])
    package static let auditUnavailable = APIError(
        .serviceUnavailable, "audit_unavailable",
        "The audit log cannot be written, so nothing was done. Try again in a moment.",
        headers: [.retryAfter: "5"])
}

extension APIError: HTTPResponseError {
    package func response(from request: Request, context: some RequestContext) -> Response { response }

    package var response: Response { answer(nil).response }

    func answer(_ documentation: ErrorDocumentation?) -> CompleteResponse {
        .json(
            status, fields: headers,
            octets: JSONOutput.object { answer in
                answer.member("detail", detail)
                answer.member("error_code", code)
                if let documentation { answer.member("documentation", documentation.url(of: code)) }
            })
    }
}

extension RequestValidationError: HTTPResponseError {
    package var status: HTTPResponse.Status { .unprocessableContent }

    package func response(from request: Request, context: some RequestContext) -> Response {
        answer(nil).response
    }

    func answer(_ documentation: ErrorDocumentation?) -> CompleteResponse {
        .json(status, octets: json(documentation))
    }
}
