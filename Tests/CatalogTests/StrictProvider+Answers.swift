import Cryptography
import Encodings
import Foundation

/// One request to a strict provider's own endpoints.
struct Answer {
    let provider: StrictProvider
    let request: StrictProvider.Request

    private var facts: Provenance { provider.provenance }
    private var address: EndpointAddress { EndpointAddress(request.url) }

    private func isAt(_ name: FactName) -> Bool {
        facts.endpoint(name).map { EndpointAddress($0) == address } ?? false
    }

    func response(_ state: inout StrictProvider.State) -> StrictProvider.Response {
        let fields = self.fields
        let values = Set(fields.map(\.value))
        let isExchange =
            fields.contains { $0.name == names.name("code") } || !values.isDisjoint(with: state.codes.keys)
        let tokens = state.spentTokens.union([state.refreshToken].compactMap(\.self))
        let isRefresh =
            fields.contains { $0.name == names.name("refresh_token") } || !values.isDisjoint(with: tokens)
        if isExchange, isAt(.tokenEndpoint) { return exchange(ParameterCheck(fields), &state) }
        let refreshed = facts.facts[.refreshEndpoint] == nil ? FactName.tokenEndpoint : .refreshEndpoint
        // Some providers revoke at the token endpoint, with another method.
        if isRefresh, isAt(refreshed), request.method != "DELETE" {
            return refresh(ParameterCheck(fields), &state)
        }
        if isAt(.revocationEndpoint) { return revoke(&state) }
        if let response = facts.example.lookupResponse { return lookup(response, &state) }
        return reject(["there is nothing at \(request.method) \(request.url)"], &state)
    }

    // MARK: Tokens

    private func exchange(
        _ parameters: ParameterCheck, _ state: inout StrictProvider.State
    ) -> StrictProvider.Response {
        var check = parameters
        var extra = facts.members(.tokenParameters) ?? [:]
        checkMessage(&check)
        let known = check.fields.values.first { state.codes[$0] != nil }
        let code = check.take("code", names, like: known) ?? ""
        guard let issued = state.codes[code], !state.spentCodes.contains(code) else {
            return reject(["the code is unknown or was used before"], &state, isGrant: true)
        }
        check.expect("grant_type", extra.removeValue(forKey: "grant_type") ?? "authorization_code", names)
        let own = facts.members(.authorizationParameters)?["redirect_uri"]
        check.expect(
            "redirect_uri", own.map { facts.filled($0) } ?? DocumentedIntegration.redirectURI, names)
        let verifier = check.take(names.name("code_verifier"))
        if let challenge = issued.challenge {
            let octets = Array((verifier ?? "").utf8)
            let digest = SHA256.digest(octets.span)
            if Base64URL.encode(digest.span) != challenge {
                check.reasons.append("the verifier is not the challenge's")
            }
        } else if verifier != nil {
            check.reasons.append("a verifier without a challenge")
        }
        checkClient(&check)
        for (name, value) in extra {
            check.expect(
                name, facts.filled(value, with: ["state": issued.state, "client_id": provider.clientID]))
        }
        check.finish(allowsMore: facts.facts[.tokenParameters] == nil)
        guard check.reasons.isEmpty else { return reject(check.reasons, &state) }
        state.spentCodes.insert(code)
        return issue(signed(facts.example.tokenResponse), &state)
    }

    private func refresh(
        _ parameters: ParameterCheck, _ state: inout StrictProvider.State
    ) -> StrictProvider.Response {
        var check = parameters
        checkMessage(&check)
        let known = check.fields.values.first { $0 == state.refreshToken || state.spentTokens.contains($0) }
        let token = check.take("refresh_token", names, like: known) ?? ""
        guard token == state.refreshToken, !state.spentTokens.contains(token), !state.isRevoked else {
            return reject(["the refresh token is unknown, spent or revoked"], &state, isGrant: true)
        }
        check.expect("grant_type", "refresh_token", names)
        checkClient(&check)
        guard check.reasons.isEmpty else { return reject(check.reasons, &state) }
        let rotates = facts.text(.refresh) == "rotates"
        if rotates { state.spentTokens.insert(token) }
        let answer = facts.example.refreshResponse ?? facts.example.tokenResponse
        return issue(signed(rotates ? answer.withOtherTokens(than: token) : answer), &state)
    }

    private func issue(_ body: JSONValue, _ state: inout StrictProvider.State) -> StrictProvider.Response {
        state.issued = body
        if let token = body.refreshTokens.first { state.refreshToken = token }
        return StrictProvider.Response(status: 200, body: body)
    }

    /// An ID token as text, with a signature that no key made: the flow checks it against no key set.
    private func signed(_ response: JSONValue) -> JSONValue {
        guard case .object(var members) = response else { return response }
        var claims = facts.example.idTokenClaims
        if case .object = members["id_token"] { claims = members["id_token"] }
        guard let claims else { return response }
        func part(_ octets: [UInt8]) -> String { Base64URL.encode(octets.span) }
        let header = part(Array(#"{"alg":"RS256","typ":"JWT"}"#.utf8))
        members["id_token"] = .string("\(header).\(part(claims.bytes)).\(part([1, 2, 3]))")
        return .object(members)
    }

    // MARK: Account and revocation

    private func lookup(
        _ response: JSONValue, _ state: inout StrictProvider.State
    ) -> StrictProvider.Response {
        var reasons: [String] = []
        if let documented = facts.text(.account), documented.hasPrefix("https://") {
            let expected = EndpointAddress(facts.filled(documented, with: Self.texts(state.issued)))
            if expected != address { reasons.append("\(address.text) is not \(expected.text)") }
        }
        let tokens = state.issued?.accessTokens ?? []
        let carriers = Array(request.headers.values) + [request.url, request.body]
        let isCarried = tokens.contains { token in carriers.contains { $0.contains(token) } }
        let bearer = request.headers["authorization"].flatMap {
            $0.hasPrefix("Bearer ") ? $0.dropFirst(7) : nil
        }
        if !isCarried || bearer.map({ !tokens.contains(String($0)) }) == true {
            reasons.append("the look-up carries no access token")
        }
        guard reasons.isEmpty else { return reject(reasons, &state, status: 401) }
        return StrictProvider.Response(status: 200, body: response)
    }

    private static func texts(_ response: JSONValue?) -> [String: String] {
        guard case .object(let members) = response else { return [:] }
        return members.compactMapValues(\.text)
    }

    private func revoke(_ state: inout StrictProvider.State) -> StrictProvider.Response {
        let tokens = (state.issued?.accessTokens ?? []) + [state.refreshToken].compactMap(\.self)
        let carriers = Array(request.headers.values) + [request.url, request.body]
        guard tokens.contains(where: { token in carriers.contains { $0.contains(token) } }) else {
            return reject(["no token of this grant is revoked"], &state)
        }
        state.isRevoked = true
        return StrictProvider.Response(status: 200, body: .object([:]))
    }

    // MARK: Messages

    private var names: ParameterNames { facts.names(.tokenNames) }

    private var fields: [(name: String, value: String)] {
        let fixed = (facts.endpoint(.tokenEndpoint).map { EndpointAddress($0).query } ?? []).map(\.name)
        let query = address.query.filter { !fixed.contains($0.name) }
        guard request.headers["content-type"]?.hasPrefix("application/json") == true else {
            return query + Form.fields(request.body)
        }
        do {
            guard case .object(let members) = try JSONValue.parse(Array(request.body.utf8)) else {
                return query
            }
            return query + members.compactMapValues(\.text).map { ($0.key, $0.value) }
        } catch {
            return query
        }
    }

    private func checkMessage(_ check: inout ParameterCheck) {
        let method = facts.text(.tokenMethod) ?? "POST"
        if request.method != method { check.reasons.append("the method is \(request.method)") }
        let type = request.headers["content-type"]
        let expected: String?
        switch facts.text(.body) {
        case "form": expected = "application/x-www-form-urlencoded"
        case "json": expected = "application/json"
        case "query":
            if !request.body.isEmpty { check.reasons.append("there is a body") }
            return
        default: return
        }
        if type != expected {
            check.reasons.append("the body is \(type ?? "untyped"), and must be \(expected ?? "")")
        }
    }

    private func checkClient(_ check: inout ParameterCheck) {
        let id = check.take("client_id", names, like: provider.clientID)
        let secret = check.take("client_secret", names, like: provider.clientSecret)
        let basic = request.headers["authorization"]
        let credentials = Array("\(provider.clientID):\(provider.clientSecret)".utf8)
        let isBasic = basic == "Basic \(Base64.encode(credentials.span))"
        let isSecret =
            facts.text(.clientSecret) == "signed"
            ? secret?.split(separator: ".").count == 3 : secret == provider.clientSecret
        let isPost = id == provider.clientID && isSecret
        if basic != nil, !isBasic { check.reasons.append("the Authorization header is wrong") }
        if id != nil, id != provider.clientID { check.reasons.append("the client's id is wrong") }
        switch facts.text(.authentication) {
        case "client_secret_basic":
            if !isBasic { check.reasons.append("the client must use Basic") }
            if id != nil || secret != nil { check.reasons.append("the client uses Basic and the body") }
        case "client_secret_post":
            if !isPost || basic != nil { check.reasons.append("the client must use the body") }
        case "both":
            if !isBasic, !isPost { check.reasons.append("the client is not known") }
            if isBasic, secret != nil { check.reasons.append("the secret comes twice") }
        case "none":
            if id != provider.clientID || secret != nil || basic != nil {
                check.reasons.append("the client must have no secret")
            }
        default:
            if !isBasic, !isPost, id != provider.clientID { check.reasons.append("the client is not known") }
        }
    }

    private func reject(
        _ reasons: [String], _ state: inout StrictProvider.State, isGrant: Bool = false, status: Int = 400
    ) -> StrictProvider.Response {
        state.reasons += reasons
        if isGrant, let error = facts.example.errorResponse {
            return StrictProvider.Response(status: facts.example.errorStatus ?? 400, body: error)
        }
        let code = isGrant ? "invalid_grant" : "invalid_request"
        return StrictProvider.Response(
            status: status,
            body: .object([
                "error": .string(code), "error_description": .string(reasons.joined(separator: ", ")),
            ]))
    }
}

// MARK: Tokens in responses

extension JSONValue {
    var accessTokens: [String] { leaves { $0.contains("access") || $0 == "token" } }
    var refreshTokens: [String] { leaves { $0.contains("refresh") } }

    /// The texts of members that are named for tokens, outermost first.
    private func leaves(_ isNamed: (String) -> Bool) -> [String] {
        switch self {
        case .object(let members):
            let own = members.sorted { $0.key < $1.key }.compactMap { name, value -> String? in
                let name = name.lowercased()
                guard case .string(let text) = value, name.contains("token"), isNamed(name), !text.isEmpty,
                    !["expir", "type", "secret"].contains(where: name.contains)
                else { return nil }
                return text
            }
            return own + members.sorted { $0.key < $1.key }.flatMap { $0.value.leaves(isNamed) }
        case .array(let elements): return elements.flatMap { $0.leaves(isNamed) }
        case .null, .boolean, .number, .string: return []
        }
    }

    /// The same with other tokens, if its refresh token is the one that is now spent.
    func withOtherTokens(than token: String) -> JSONValue {
        switch self {
        case .object(let members):
            return .object(members.mapValues { $0.withOtherTokens(than: token) })
        case .array(let elements): return .array(elements.map { $0.withOtherTokens(than: token) })
        case .string(token): return .string("\(token)-next")
        case .null, .boolean, .number, .string: return self
        }
    }
}
