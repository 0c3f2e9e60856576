internal import Encodings
package import Integrations

extension TokenRequest {
    /// The request that asks the provider whose account an access token is for; nil where the entry has none.
    ///
    /// - Parameter callbackFields: the fields of the callback that the entry keeps.
    package static func accountLookup(
        _ integration: ConfiguredIntegration, endpoints: Endpoints, response: TokenResponse,
        callbackFields: [String: String]
    ) throws(AccountLookupURLError) -> TokenRequest? {
        guard let lookup = integration.integration.account.lookup else { return nil }
        var kept = callbackFields
        // The access token and the client are no field's to name.
        for (name, value) in response.fields { kept[name] = value.text }
        kept["access_token"] = response.accessToken
        kept["client_id"] = integration.clientID
        let target = try integration.accountLookupURL(parameters: endpoints.values, kept: kept)
        guard let target else { return nil }
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
        case .bearer: headers.append(("Authorization", "Bearer \(response.accessToken)"))
        case .raw: headers.append(("Authorization", response.accessToken))
        case nil: break
        }
        if !headers.contains(where: { $0.name.lowercased() == "accept" }) {
            headers.append(("Accept", "application/json"))
        }
        if lookup.body != nil { headers.append(("Content-Type", "application/json")) }
        var request = TokenRequest(
            method: lookup.method, url: target.url, headers: headers, body: lookup.body?.bytes ?? [])
        request.isHostNamedByCaller = target.isHostNamedByCaller
        return request
    }
}
