package import Encodings
package import Integrations
package import OAuth

/// Why the provider does not say whose account it is.
package enum AccountLookupError: Error, Equatable {
    case request(ProviderRequestError)
    /// No 2xx. Redirects are not followed: the access token is for one host.
    case status(Int)
    /// The response is no JSON object or array.
    case unreadable
    /// A 2xx that says in its body that the token is rejected, and why, if that is a code.
    case rejected(code: String?)
}

extension ProviderClient {
    /// Asks the provider whose account an access token is for.
    package func account(
        _ request: ProviderRequest, deadline: ContinuousClock.Instant
    ) async throws(AccountLookupError) -> JSONValue {
        let response: ProviderResponse
        do throws(ProviderRequestError) {
            response = try await client.send(request, as: .accountLookup, deadline: deadline)
        } catch {
            throw .request(error)
        }
        guard (200..<300).contains(response.status) else { throw .status(response.status) }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue.parse(Array(JSONValue.inUTF8(response.body)))
        } catch {
            throw .unreadable
        }
        switch value {
        case .object, .array: return value
        case .null, .boolean, .number, .string: throw .unreadable
        }
    }
}

extension ProviderClient {
    /// Tries an access token: any 2xx means that it is good.
    ///
    /// - Parameter error: where the response's body says that it is not; empty: it says nothing.
    package func verify(
        _ request: ProviderRequest, error: [ResponsePath], deadline: ContinuousClock.Instant
    ) async throws(AccountLookupError) {
        guard !error.isEmpty else {
            do throws(AccountLookupError) {
                _ = try await account(request, deadline: deadline)
            } catch .unreadable {
                // An empty response is as good as any.
            }
            return
        }
        let answer = try await account(request, deadline: deadline)
        guard let value = answer[error] else { return }
        if value == .boolean(false) || value == .string("") { return }
        if case .string(let word) = value, word.isErrorCode { throw .rejected(code: word) }
        throw .rejected(code: nil)
    }
}

extension String {
    /// Whether it looks like a provider's word for an error, and not like a secret or a sentence.
    fileprivate var isErrorCode: Bool { wholeMatch(of: /[a-zA-Z][a-zA-Z0-9_.-]{0,39}/) != nil }
}

extension AccountLookupError {
    /// A word for the log.
    package var reason: String {
        switch self {
        case .request(let error): "\(error)"
        case .status(let status): "status \(status)"
        case .unreadable: "the response is not JSON"
        case .rejected(let code): code.map { "the token is rejected: \($0)" } ?? "the token is rejected"
        }
    }

    /// The provider does not accept the access token.
    package var isUnauthorized: Bool {
        switch self {
        case .status(401), .rejected: true
        case .request, .status, .unreadable: false
        }
    }

    /// The same request may be sent again.
    package var isCertainlyNotSent: Bool {
        if case .request(let error) = self { error.isCertainlyNotSent } else { false }
    }
}
