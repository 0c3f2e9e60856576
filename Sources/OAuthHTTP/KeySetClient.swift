internal import Integrations
internal import OAuth

/// Why an issuer's key set could not be fetched.
package enum KeySetFetchError: Error, Equatable {
    case request(ProviderRequestError)
    case status(Int)
}

/// Fetches key sets (RFC 7517) under the same bounds as token requests.
package struct KeySetClient: Sendable {
    private let client: ProviderHTTPClient

    package init(_ client: ProviderHTTPClient) { self.client = client }

    /// - Parameter isHostNamedByCaller: its host is looked up and checked by us, whatever proxy there is.
    /// - Returns: the key set's octets, and how long they may be kept, if the response says so.
    package func fetch(
        _ url: String, isHostNamedByCaller: Bool = false
    ) async throws(KeySetFetchError) -> (octets: [UInt8], lifetime: Duration?) {
        var request = ProviderRequest(
            method: .get, url: url, headers: [(name: "Accept", value: "application/json")], body: [])
        request.isHostNamedByCaller = isHostNamedByCaller
        let response: ProviderResponse
        do throws(ProviderRequestError) {
            response = try await client.send(request, as: .keySet)
        } catch {
            throw .request(error)
        }
        guard response.status == 200 else { throw .status(response.status) }
        return (response.body, response.cacheLifetime)
    }
}
