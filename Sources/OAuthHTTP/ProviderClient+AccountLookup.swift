package import Encodings
package import OAuth

/// Why the provider does not say whose account it is.
package enum AccountLookupFailure: Error, Equatable {
    case request(ProviderRequestError)
    /// No 2xx. Redirects are not followed: the access token is for one host.
    case status(Int)
    /// The response is no JSON object or array.
    case unreadable
}

extension ProviderClient {
    /// Asks the provider whose account an access token is for.
    package func account(
        _ request: TokenRequest, deadline: ContinuousClock.Instant
    ) async throws(AccountLookupFailure) -> JSONValue {
        let response: ProviderResponse
        do throws(ProviderRequestError) {
            response = try await client.send(request, deadline: deadline)
        } catch {
            throw .request(error)
        }
        guard (200..<300).contains(response.status) else { throw .status(response.status) }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue.parse(response.body)
        } catch {
            throw .unreadable
        }
        switch value {
        case .object, .array: return value
        case .null, .boolean, .number, .string: throw .unreadable
        }
    }
}

extension AccountLookupFailure {
    /// A word for the log.
    package var reason: String {
        switch self {
        case .request(let error): "\(error)"
        case .status(let status): "status \(status)"
        case .unreadable: "the response is not JSON"
        }
    }

    /// The same request may be sent again.
    package var isCertainlyNotSent: Bool {
        if case .request(let error) = self { error.isCertainlyNotSent } else { false }
    }
}
