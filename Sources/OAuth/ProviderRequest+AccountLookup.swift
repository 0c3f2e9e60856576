internal import Encodings
package import Integrations

extension ProviderRequest {
    /// The request that asks the provider whose account an access token is for; nil where the entry has none.
    ///
    /// - Parameter callbackFields: the fields of the callback that the entry keeps.
    package static func accountLookup(
        _ integration: ConfiguredIntegration, endpoints: Endpoints, response: TokenResponse,
        callbackFields: [String: String]
    ) throws(AccountLookupURLError) -> ProviderRequest? {
        guard let lookup = integration.integration.account.lookup else { return nil }
        let kept = Self.kept(integration, response, callbackFields)
        let target = try integration.accountLookupURL(parameters: endpoints.values, kept: kept)
        guard let target else { return nil }
        return try request(lookup, to: target, endpoints, kept)
    }

    /// The request that tries an access token; nil where the entry has none.
    ///
    /// - Parameter callbackFields: as for the account's look-up.
    package static func verification(
        _ integration: ConfiguredIntegration, endpoints: Endpoints, response: TokenResponse,
        callbackFields: [String: String]
    ) throws(AccountLookupURLError) -> ProviderRequest? {
        guard let call = integration.integration.verification?.call else { return nil }
        let kept = Self.kept(integration, response, callbackFields)
        let target = try integration.verificationURL(parameters: endpoints.values, kept: kept)
        guard let target else { return nil }
        return try request(call, to: target, endpoints, kept)
    }

    private static func kept(
        _ integration: ConfiguredIntegration, _ response: TokenResponse, _ callbackFields: [String: String]
    ) -> [String: String] {
        var kept = callbackFields
        // The access token and the client are no field's to name.
        for (name, value) in response.fields { kept[name] = value.text }
        kept["access_token"] = response.accessToken
        kept["client_id"] = integration.clientID
        return kept
    }

    private static func request(
        _ lookup: AccountLookup, to target: (url: String, isHostNamedByCaller: Bool), _ endpoints: Endpoints,
        _ kept: [String: String]
    ) throws(AccountLookupURLError) -> ProviderRequest {
        let accessToken = kept["access_token"] ?? ""
        let values = kept.merging(endpoints.values) { _, parameter in parameter }
        var headers: [(name: String, value: String)] = []
        for header in lookup.headers {
            for name in header.value.names {
                guard let value = values[name] else { throw .missing(name: name) }
                // A line break in a header would let one header write others.
                guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { throw .missing(name: name) }
            }
            headers.append((header.name, header.value.filled(values)))
        }
        switch lookup.authorization {
        case .bearer: headers.append(("Authorization", "Bearer \(accessToken)"))
        case .raw: headers.append(("Authorization", accessToken))
        case nil: break
        }
        if !headers.contains(where: { $0.name.lowercased() == "accept" }) {
            headers.append(("Accept", "application/json"))
        }
        if lookup.body != nil { headers.append(("Content-Type", "application/json")) }
        var request = ProviderRequest(
            method: lookup.method, url: target.url, headers: headers, body: lookup.body?.bytes ?? [])
        request.isHostNamedByCaller = target.isHostNamedByCaller
        return request
    }
}
