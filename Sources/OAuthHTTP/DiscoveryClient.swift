package import Integrations
internal import OAuth

/// Why an issuer's discovery document could not be had.
package enum DiscoveryFetchError: Error, Equatable {
    case request(TokenEndpointError)
    case status(Int)
    case document(DiscoveryError)
}

/// Fetches discovery documents (OpenID Connect Discovery §4) under the same bounds as token requests.
package struct DiscoveryClient: Sendable {
    private let client: ProviderHTTPClient

    package init(_ client: ProviderHTTPClient) { self.client = client }

    /// The document is compared with the issuer here already, since one of another issuer is of no use to
    /// anybody.
    package func fetch(issuer: String) async throws(DiscoveryFetchError) -> DiscoveryDocument {
        let request = TokenRequest(
            method: .get, url: DiscoveryDocument.url(issuer: issuer),
            headers: [(name: "Accept", value: "application/json")], body: [])
        let answer: ProviderAnswer
        do throws(TokenEndpointError) {
            answer = try await client.send(request)
        } catch {
            throw .request(error)
        }
        guard answer.status == 200 else { throw .status(answer.status) }
        do throws(DiscoveryError) {
            let document = try DiscoveryDocument.parse(answer.body)
            guard document.issuer == issuer else { throw .issuerMismatch }
            return document
        } catch {
            throw .document(error)
        }
    }
}
