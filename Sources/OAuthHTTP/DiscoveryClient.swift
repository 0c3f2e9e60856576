package import Integrations
internal import OAuth

/// Why an issuer's discovery document could not be had.
package enum DiscoveryFetchError: Error, Equatable {
    case request(ProviderRequestError)
    case status(Int)
    case document(DiscoveryError)
}

/// Fetches discovery documents (RFC 8414 §3, OpenID Connect Discovery §4) under the same bounds as token requests.
package struct DiscoveryClient: Sendable {
    private let client: ProviderHTTPClient

    package init(_ client: ProviderHTTPClient) { self.client = client }

    /// Looks at each place where the document may lie, until one has it.
    ///
    /// The document is compared with the issuer here already, since another issuer's is of no use.
    package func fetch(issuer: String) async throws(DiscoveryFetchError) -> DiscoveryDocument {
        var failure: DiscoveryFetchError?
        for url in DiscoveryDocument.urls(issuer: issuer) {
            do throws(DiscoveryFetchError) {
                return try await fetch(url, issuer: issuer)
            } catch {
                // All places are at one host: if that cannot be reached, the others cannot be either.
                if case .request(let cause) = error, cause.isCertainlyNotSent { throw error }
                failure = Self.moreTelling(failure, error)
            }
        }
        throw failure ?? .status(404)
    }

    /// Reads the document of a server that a caller names; there is one place for it.
    package func fetch(_ target: DiscoveryTarget) async throws(DiscoveryFetchError) -> DiscoveryDocument {
        try await fetch(
            target.url, issuer: target.issuer, isHostNamedByCaller: target.isHostNamedByCaller)
    }

    /// - Parameter issuer: what the document must state; `nil`: it may state any, or none.
    private func fetch(_ url: String, issuer: String?, isHostNamedByCaller: Bool = false)
        async throws(DiscoveryFetchError) -> DiscoveryDocument
    {
        var request = ProviderRequest(
            method: .get, url: url, headers: [(name: "Accept", value: "application/json")], body: [])
        request.isHostNamedByCaller = isHostNamedByCaller
        let response: ProviderResponse
        do throws(ProviderRequestError) {
            response = try await client.send(request, as: .discovery)
        } catch {
            throw .request(error)
        }
        guard response.status == 200 else { throw .status(response.status) }
        do throws(DiscoveryError) {
            let document = try DiscoveryDocument.parse(response.body, needsIssuer: issuer != nil)
            if let issuer, !document.issuer.utf8.elementsEqual(issuer.utf8) {
                throw .issuerMismatch(stated: document.issuer)
            }
            return document
        } catch {
            throw .document(error)
        }
    }

    /// A document that states another issuer says more than one that is none, and that more than none at all.
    private static func moreTelling(
        _ first: DiscoveryFetchError?, _ second: DiscoveryFetchError
    ) -> DiscoveryFetchError {
        guard let first else { return second }
        return second.weight > first.weight ? second : first
    }
}

extension DiscoveryFetchError {
    fileprivate var weight: Int {
        switch self {
        case .status: 0
        case .document(.malformed): 1
        case .request: 2
        case .document: 3
        }
    }

    /// What is wrong, after the issuer's name.
    package func sentence(issuer: String) -> String {
        switch self {
        case .request(let error): error.sentence
        case .status(let status): "has no discovery document (status \(status))"
        case .document(let error): "has a discovery document that \(error.sentence(issuer: issuer))"
        }
    }
}
