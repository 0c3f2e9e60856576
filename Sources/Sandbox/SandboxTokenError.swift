internal import Encodings
internal import HTTPTypes
internal import Hummingbird

/// Why the token endpoint gives no token, and the revocation endpoint revokes none (RFC 6749 §5.2, RFC 7009 §2.2.1).
enum SandboxTokenError: Error, Equatable {
    /// Parameters are missing, doubled or ill-formed.
    case invalidRequest(String)
    case invalidClient
    /// The code or refresh token is unknown, used, expired, or another's.
    case invalidGrant(String)
    case unsupportedGrantType
    case invalidScope
    /// No random numbers.
    case unavailable
}

extension SandboxTokenError {
    var response: Response {
        let (status, code, description): (HTTPResponse.Status, String, String) =
            switch self {
            case .invalidRequest(let reason): (.badRequest, "invalid_request", reason)
            case .invalidClient:
                (.unauthorized, "invalid_client", "the client is unknown, or its secret is wrong")
            case .invalidGrant(let reason): (.badRequest, "invalid_grant", reason)
            case .unsupportedGrantType:
                (.badRequest, "unsupported_grant_type", "there are authorization_code and refresh_token")
            case .invalidScope: (.badRequest, "invalid_scope", "more than the user has granted")
            case .unavailable: (.serviceUnavailable, "temporarily_unavailable", "try again later")
            }
        var response = Response.json(status) { answer in
            answer.member("error", code)
            answer.member("error_description", description)
        }
        if self == .invalidClient { response.headers[.wwwAuthenticate] = "Basic realm=\"sandbox\"" }
        return response
    }
}
