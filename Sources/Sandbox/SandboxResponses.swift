internal import ConnectPages
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension SandboxTokens {
    /// RFC 6749 §5.1, and the account.
    func write(to answer: inout JSONOutput.Members) {
        answer.member("access_token", accessToken)
        answer.member("token_type", "Bearer")
        answer.member("expires_in", Int(SandboxProvider.accessTokenLifetime.components.seconds))
        answer.member("refresh_token", refreshToken)
        answer.member("scope", scopes.text)
        answer.object("account") { account in
            account.member("id", SandboxAccount.id)
            account.member("label", SandboxAccount.email)
        }
    }
}

extension Pages {
    /// For the errors that cause no redirect.
    func failed(_ error: SandboxAuthorizationError) -> Page {
        switch error {
        case .unreadable: failed("The request cannot be read", "It is not form-encoded, or too long.")
        case .unknownClient: failed("Unknown client", "The sandbox has no client of this client_id.")
        case .unknownRedirectURI:
            failed(
                "Unknown redirect URI",
                "The client may not send users to this redirect_uri, so you stay here.")
        case .staleConsent:
            failed("This page was already used", "It works once, within ten minutes, and unchanged.")
        case .rejected(let error, let description, _):
            failed(title: "The request was rejected", detail: description, errorCode: error, canRestart: true)
        }
    }

    private func failed(_ title: String, _ detail: String) -> Page {
        failed(title: title, detail: detail, errorCode: "invalid_request", canRestart: true)
    }
}

extension Response {
    /// JSON that no cache keeps.
    static func json(
        _ status: HTTPResponse.Status = .ok, capacity: Int = 256, _ write: (inout JSONOutput.Members) -> Void
    ) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSONOutput.object(capacity: capacity, write))))
    }

    /// 303, so that the browser follows with a GET (RFC 9700 §4.12).
    static func redirect(_ location: String) -> Response {
        var response = Response(
            status: .seeOther, headers: [.location: location, .cacheControl: "no-store"])
        if let name = HTTPField.Name("Referrer-Policy") { response.headers[name] = "no-referrer" }
        return response
    }
}
