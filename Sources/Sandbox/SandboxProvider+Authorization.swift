internal import Cryptography
internal import Encodings
internal import Integrations
internal import Synchronization

/// A request that the user is asked about.
struct SandboxConsent: Sendable, Equatable {
    let request: SandboxAuthorizationRequest
    /// One-time and unguessable, so that no other site's form can decide for the user (RFC 6819 §5.3.5).
    let oneTimeValue: String
}

/// What the user pressed.
enum SandboxAnswer: String, Sendable {
    case allow
    case deny
}

/// The authorization endpoint (RFC 6749 §3.1).
extension SandboxProvider {
    /// Checks a request and keeps it until the user decides.
    func consent(to parameters: SandboxParameters) throws(SandboxAuthorizationError) -> SandboxConsent {
        let request = try SandboxAuthorizationRequest(parameters, client: client)
        let consent = SandboxConsent(request: request, oneTimeValue: try Self.randomText(for: request))
        let now = now()
        ledger.withLock { $0.consents.insert(request, for: consent.oneTimeValue, at: now) }
        return consent
    }

    /// Where the user's decision leads: the redirect URI with a code or an error.
    func conclude(_ parameters: SandboxParameters) throws(SandboxAuthorizationError) -> String {
        let now = now()
        guard parameters.doubled == nil, let oneTimeValue = parameters["one_time_value"],
            let request = ledger.withLock({ $0.consents.remove(oneTimeValue, at: now) }),
            request == (try SandboxAuthorizationRequest(parameters, client: client))
        else { throw .staleConsent }
        switch parameters["answer"].flatMap(SandboxAnswer.init) {
        case .allow:
            let code = try Self.randomText(for: request)
            ledger.withLock { $0.codes.insert(Code(request: request), for: code, at: now) }
            return redirect([("code", code), ("state", request.state)])
        case .deny:
            throw .rejected(
                error: "access_denied", description: "The user denied access.", state: request.state)
        case nil: throw .staleConsent
        }
    }

    /// Where the client learns of an error; `nil` if it must not.
    func redirect(_ error: SandboxAuthorizationError) -> String? {
        switch error {
        case .unreadable, .unknownClient, .unknownRedirectURI, .staleConsent: nil
        case .rejected(let error, let description, let state):
            redirect(
                [("error", error), ("error_description", description)] + (state.map { [("state", $0)] } ?? [])
            )
        }
    }

    /// Every response names its issuer (RFC 9207 §2).
    private func redirect(_ parameters: [(name: String, value: String)]) -> String {
        let query = (parameters + [("iss", issuer)])
            .map { "\($0.name)=\(PercentEncoding.encode($0.value, space: .plus))" }
        return "\(client.redirectURI)?\(query.joined(separator: "&"))"
    }

    private static func randomText(
        for request: SandboxAuthorizationRequest
    ) throws(SandboxAuthorizationError) -> String {
        do {
            return try randomText()
        } catch {
            throw .rejected(
                error: "server_error", description: "There are no random numbers.", state: request.state)
        }
    }
}
