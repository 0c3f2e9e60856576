internal import Encodings

/// What is asked with a grant's tokens: whose they are, and that they end.
extension MirrorResponse {
    // MARK: Account

    func lookup(_ response: JSONValue, _ state: inout StrictProvider.State) -> StrictProvider.Response {
        var reasons: [String] = []
        if let documented = facts.text(.account), documented.hasPrefix("https://") {
            let expected = EndpointAddress(facts.filled(documented, with: Self.texts(state.issued)))
            if expected != address { reasons.append("\(address.text) is not \(expected.text)") }
        }
        if let method = facts.text(.lookupMethod), method != request.method {
            reasons.append("the method is \(request.method)")
        }
        let tokens = state.accessTokens(facts)
        if state.isRevoked { reasons.append("the grant has ended") }
        if let expected = facts.members(.lookupHeaders) {
            reasons += headerReasons(expected, tokens)
        } else {
            reasons += carrierReasons(tokens)
        }
        if let body = facts.facts[.lookupBody]?.value, body != lookupBody {
            reasons.append("the body is \(request.body)")
        }
        guard reasons.isEmpty else { return reject(reasons, &state, status: 401) }
        return StrictProvider.Response(status: 200, body: response)
    }

    private var lookupBody: JSONValue? {
        do throws(JSONSyntaxError) {
            return try JSONValue.parse(Array(request.body.utf8))
        } catch {
            return nil
        }
    }

    /// No source shows how the token comes: it may be anywhere, but as Bearer only whole.
    private func carrierReasons(_ tokens: [String]) -> [String] {
        let carriers = Array(request.headers.values) + [request.url, request.body]
        let isCarried = tokens.contains { token in carriers.contains { $0.contains(token) } }
        let isWrong = bearer.map { !tokens.contains($0) } ?? false
        return isCarried && !isWrong ? [] : ["the look-up carries no access token"]
    }

    private func headerReasons(_ expected: [String: String], _ tokens: [String]) -> [String] {
        var reasons: [String] = []
        for (name, value) in expected.sorted(by: { $0.key < $1.key }) {
            let found = request.headers[name.lowercased()]
            let allowed = tokens.map { filled(value, token: $0) }
            if !allowed.contains(found ?? "") {
                reasons.append("the header \(name) is \(found ?? "missing"), and must be \(value)")
            }
        }
        // A token in a header that the provider does not read is a token too many places know.
        let names = Set(expected.keys.map { $0.lowercased() })
        if !names.contains("authorization"), request.headers["authorization"] != nil {
            reasons.append("the header Authorization is unknown")
        }
        return reasons
    }

    private static func texts(_ response: JSONValue?) -> [String: String] {
        guard case .object(let members) = response else { return [:] }
        return members.compactMapValues(\.text)
    }

    // MARK: Revocation

    /// RFC 7009, where no source shows another request.
    func revoke(_ state: inout StrictProvider.State) -> StrictProvider.Response {
        var check = ParameterCheck(fields)
        let names = facts.names(.revocationNames)
        checkMessage(&check, method: facts.text(.revocationMethod), body: facts.text(.revocationBody))
        let access = state.accessTokens(facts)
        let refresh = [state.refreshToken].compactMap(\.self)
        let good =
            switch facts.text(.revokedToken) {
            case "access_token": access
            case "refresh_token": refresh
            default: access + refresh
            }
        let authentication = facts.text(.revocationAuthentication)
        let headers = facts.members(.revocationHeaders) ?? [:]
        let token: String?
        if authentication == "bearer" {
            token = bearer
            if check.take("token", names, like: good.first) != nil {
                check.reasons.append("the token comes twice")
            }
            if check.take("client_secret", names, like: provider.clientSecret) != nil {
                check.reasons.append("the client must have no secret")
            }
            _ = check.take("client_id", names, like: provider.clientID)
        } else {
            let known = check.fields.values.first { good.contains($0) }
            token = check.take("token", names, like: known) ?? carried(good)
            if let authentication {
                // One that stands in the header on its own is compared below.
                let isOwn = headers.keys.contains { $0.lowercased() == "authorization" }
                let credentials = isOwn ? nil : request.headers["authorization"]
                checkClient(&check, by: authentication, names, header: credentials)
            }
        }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            let found = request.headers[name.lowercased()]
            if found != filled(value, token: token ?? "") {
                check.reasons.append("the header \(name) is \(found ?? "missing"), and must be \(value)")
            }
        }
        if !good.contains(token ?? "") { check.reasons.append("no token of this grant is revoked") }
        checkHint(
            check.take(names.name("token_type_hint")), isKnown: names.takes("token_type_hint"), of: token,
            access, &check)
        if authentication == nil {
            // No source shows who may ask.
            for name in ["client_id", "client_secret"] { _ = check.take(names.name(name)) }
            for name in ["client_assertion", "client_assertion_type"] { _ = check.take(name) }
        }
        let more = facts.members(.revocationParameters)
        for (name, value) in more ?? [:] { check.expect(name, filled(value, token: token ?? "")) }
        check.finish(allowsMore: more == nil)
        guard check.reasons.isEmpty else { return reject(check.reasons, &state) }
        state.isRevoked = true
        return StrictProvider.Response(status: 200, body: .object([:]))
    }

    /// A hint that names the other kind of token is a mistake, though a provider may pass over it (RFC 7009 §2.1).
    private func checkHint(
        _ hint: String?, isKnown: Bool, of token: String?, _ access: [String], _ check: inout ParameterCheck
    ) {
        guard let hint else { return }
        if !isKnown { check.reasons.append("token_type_hint is unknown") }
        let kind = access.contains(token ?? "") ? "access_token" : "refresh_token"
        if hint != kind { check.reasons.append("token_type_hint is \(hint), and the token is a \(kind)") }
    }

    /// Where no source shows the token's place, it may be in any header, in the URL or in the body.
    private func carried(_ tokens: [String]) -> String? {
        let isShown = facts.facts[.revocationNames] != nil && facts.names(.revocationNames).takes("token")
        guard !isShown else { return nil }
        let carriers = Array(request.headers.values) + [request.url, request.body]
        return tokens.first { token in carriers.contains { $0.contains(token) } }
    }

    private var bearer: String? {
        request.headers["authorization"].flatMap {
            $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil
        }
    }
}
