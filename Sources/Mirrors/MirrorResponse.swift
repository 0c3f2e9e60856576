internal import Cryptography
package import Encodings
internal import Integrations

/// One request to a strict provider's own endpoints.
struct MirrorResponse {
    let provider: StrictProvider
    let request: StrictProvider.Request

    var facts: Provenance { provider.provenance }
    var address: EndpointAddress { EndpointAddress(request.url) }

    private func isAt(_ name: FactName) -> Bool {
        facts.text(name).map {
            // A revocation's URL may name the client.
            EndpointAddress(facts.filled($0, with: ["client_id": provider.clientID])) == address
        } ?? false
    }

    func response(_ state: inout StrictProvider.State) -> StrictProvider.Response {
        let fields = self.fields
        let values = Set(fields.map(\.value))
        let isExchange =
            fields.contains { $0.name == names.name("code") } || !values.isDisjoint(with: state.codes.keys)
        let tokens = state.spentTokens.union([state.refreshToken].compactMap(\.self))
        let isRefresh =
            fields.contains { $0.name == refreshNames.name("refresh_token") }
            || !values.isDisjoint(with: tokens)
            || facts.text(.refreshedToken) == "access_token"
        if isExchange, isAt(.tokenEndpoint) { return exchange(ParameterCheck(fields), &state) }
        if isAt(.exchangeEndpoint), !values.isDisjoint(with: state.accessTokens(facts)) {
            return exchangeAfter(ParameterCheck(fields), &state)
        }
        let refreshed = facts.facts[.refreshEndpoint] == nil ? FactName.tokenEndpoint : .refreshEndpoint
        // Some providers revoke at the token endpoint, with another method.
        if isRefresh, isAt(refreshed), request.method != "DELETE" {
            return refresh(ParameterCheck(fields), &state)
        }
        if isAt(.revocationEndpoint) { return revoke(&state) }
        // A code that is sent elsewhere looks nothing up.
        if values.isDisjoint(with: state.codes.keys), let response = facts.example.lookupResponse {
            return lookup(response, &state)
        }
        return reject(["there is nothing at \(request.method) \(request.url)"], &state)
    }

    // MARK: Tokens

    private func exchange(
        _ parameters: ParameterCheck, _ state: inout StrictProvider.State
    ) -> StrictProvider.Response {
        var check = parameters
        var extra = facts.members(.tokenParameters) ?? [:]
        checkMessage(&check, method: facts.text(.tokenMethod) ?? "POST", body: facts.text(.body))
        checkTokenHeaders(&check)
        let known = check.fields.values.first { state.codes[$0] != nil }
        let code = check.take("code", names, like: known) ?? ""
        guard let issued = state.codes[code], !state.spentCodes.contains(code) else {
            return reject(["the code is unknown or was used before"], &state, isGrant: true)
        }
        check.expect("grant_type", extra.removeValue(forKey: "grant_type") ?? "authorization_code", names)
        let own = facts.members(.authorizationParameters)?["redirect_uri"]
        check.expect(
            "redirect_uri", own.map { facts.filled($0) } ?? provider.redirectURI, names)
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
        checkClient(&check, by: facts.text(.authentication), names, header: request.headers["authorization"])
        for (name, value) in extra {
            check.expect(
                name, facts.filled(value, with: ["state": issued.state, "client_id": provider.clientID]))
        }
        check.finish(allowsMore: facts.facts[.tokenParameters] == nil)
        guard check.reasons.isEmpty else { return reject(check.reasons, &state) }
        state.spentCodes.insert(code)
        state.nonce = issued.nonce
        return issue(signed(facts.example.tokenResponse, nonce: issued.nonce), &state)
    }

    /// An access token for another, once: the new one is no longer the code's.
    private func exchangeAfter(
        _ parameters: ParameterCheck, _ state: inout StrictProvider.State
    ) -> StrictProvider.Response {
        var check = parameters
        if let method = facts.text(.exchangeMethod), method != request.method {
            check.reasons.append("the method is \(request.method)")
        }
        let token = check.fields.values.first { state.accessTokens(facts).contains($0) } ?? ""
        let expected = facts.members(.exchangeParameters)
        for (name, value) in expected ?? [:] {
            check.expect(name, filled(value, token: token))
        }
        check.finish(allowsMore: expected == nil)
        guard check.reasons.isEmpty else { return reject(check.reasons, &state) }
        guard let answer = facts.example.exchangeResponse else {
            return reject(["no source shows the response to a second exchange"], &state)
        }
        return issue(signed(answer, nonce: state.nonce), &state)
    }

    private func refresh(
        _ parameters: ParameterCheck, _ state: inout StrictProvider.State
    ) -> StrictProvider.Response {
        var check = parameters
        let isElsewhere = facts.facts[.refreshEndpoint] != nil
        checkMessage(
            &check,
            method: facts.text(.refreshMethod) ?? (isElsewhere ? nil : facts.text(.tokenMethod) ?? "POST"),
            body: facts.text(.refreshBody) ?? (isElsewhere ? nil : facts.text(.body)))
        checkTokenHeaders(&check)
        let good = refreshable(state)
        let known = check.fields.values.first { good.contains($0) || state.spentTokens.contains($0) }
        let expected = facts.members(.refreshParameters)
        let token =
            expected == nil ? check.take("refresh_token", refreshNames, like: known) ?? "" : known ?? ""
        guard good.contains(token), !state.spentTokens.contains(token), !state.isRevoked else {
            return reject(["the refresh token is unknown, spent or revoked"], &state, isGrant: true)
        }
        if let expected {
            for (name, value) in expected {
                if value == "{any}" {
                    if check.take(name)?.isEmpty ?? true { check.reasons.append("\(name) is missing") }
                } else {
                    check.expect(name, filled(value, token: token))
                }
            }
            check.finish(allowsMore: false)
        } else {
            check.expect("grant_type", "refresh_token", refreshNames)
            checkClient(
                &check, by: facts.text(.refreshAuthentication) ?? facts.text(.authentication), refreshNames,
                header: request.headers["authorization"])
        }
        guard check.reasons.isEmpty else { return reject(check.reasons, &state) }
        let rotates = facts.text(.refresh) == "rotates"
        if rotates { state.spentTokens.insert(token) }
        let answer = facts.example.refreshResponse ?? facts.example.tokenResponse
        return issue(signed(rotates ? answer.withOtherTokens(than: token) : answer), &state)
    }

    /// What may be given for a new access token.
    private func refreshable(_ state: StrictProvider.State) -> [String] {
        facts.text(.refreshedToken) == "access_token"
            ? state.accessTokens(facts) : [state.refreshToken].compactMap(\.self)
    }

    func filled(_ text: String, token: String) -> String {
        facts.filled(
            text,
            with: [
                "token": token, "access_token": token, "client_id": provider.clientID,
                "client_secret": provider.clientSecret, "redirect_uri": provider.redirectURI,
            ])
    }

    private func issue(_ body: JSONValue, _ state: inout StrictProvider.State) -> StrictProvider.Response {
        state.issued = body
        let tokens = facts.example.refreshTokenPaths.compactMap { body[$0]?.text } + body.refreshTokens
        if let token = tokens.first { state.refreshToken = token }
        return StrictProvider.Response(status: 200, body: body)
    }

    /// An ID token as text, with a signature that no key made: the flow checks it against no key set.
    ///
    /// - Parameter nonce: the authorization request's (OpenID Connect Core §2), unless the example has another.
    private func signed(_ response: JSONValue, nonce: String? = nil) -> JSONValue {
        guard case .object(var members) = response else { return response }
        var claims = facts.example.idTokenClaims
        if case .object = members["id_token"] { claims = members["id_token"] }
        if case .object(var known) = claims, let nonce, known["nonce"] == nil {
            known["nonce"] = .string(nonce)
            claims = .object(known)
        }
        guard let claims else { return response }
        func part(_ octets: [UInt8]) -> String { Base64URL.encode(octets.span) }
        let header = part(Array(#"{"alg":"RS256","typ":"JWT"}"#.utf8))
        members["id_token"] = .string("\(header).\(part(claims.bytes)).\(part([1, 2, 3]))")
        return .object(members)
    }

    // MARK: Messages

    private var names: ParameterNames { facts.names(.tokenNames) }

    private var refreshNames: ParameterNames {
        facts.names(facts.facts[.refreshNames] == nil ? .tokenNames : .refreshNames)
    }

    var fields: [(name: String, value: String)] {
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

    /// - Parameters:
    ///   - method: `nil`: no source shows it.
    ///   - body: the same.
    func checkMessage(_ check: inout ParameterCheck, method: String?, body: String?) {
        if let method, request.method != method { check.reasons.append("the method is \(request.method)") }
        let type = request.headers["content-type"]
        let expected: String?
        switch body {
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

    /// - Parameter basic: the `Authorization` header, if it is the client's.
    func checkClient(
        _ check: inout ParameterCheck, by authentication: String?, _ names: ParameterNames,
        header basic: String?
    ) {
        let id = check.take("client_id", names, like: provider.clientID)
        let secret = check.take("client_secret", names, like: provider.clientSecret)
        let credentials = Array("\(provider.clientID):\(provider.clientSecret)".utf8)
        let isBasic = basic == "Basic \(Base64.encode(credentials.span))"
        let isSecret =
            facts.text(.clientSecret) == "signed"
            ? secret?.split(separator: ".").count == 3 : secret == provider.clientSecret
        let isPost = id == provider.clientID && isSecret
        if basic != nil, !isBasic, authentication != "secret_as_user" {
            check.reasons.append("the Authorization header is wrong")
        }
        if id != nil, id != provider.clientID { check.reasons.append("the client's id is wrong") }
        switch authentication {
        case "client_secret_basic":
            if !isBasic { check.reasons.append("the client must use Basic") }
            if id != nil || secret != nil { check.reasons.append("the client uses Basic and the body") }
        case "client_secret_post":
            if !isPost || basic != nil { check.reasons.append("the client must use the body") }
        case "both":
            if !isBasic, !isPost { check.reasons.append("the client is not known") }
            if isBasic, secret != nil { check.reasons.append("the secret comes twice") }
        case "secret_as_user":
            let user = Array("\(provider.clientSecret):".utf8)
            if basic != "Basic \(Base64.encode(user.span))" {
                check.reasons.append("the secret must be the user of Basic")
            }
        case "private_key_jwt":
            let assertion = check.take("client_assertion") ?? ""
            if check.take("client_assertion_type")
                != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            {
                check.reasons.append("the client must send an assertion")
            }
            check.reasons += assertionReasons(assertion)
            if secret != nil || basic != nil { check.reasons.append("the client must have no secret") }
        case "none":
            if id != provider.clientID || secret != nil || basic != nil {
                check.reasons.append("the client must have no secret")
            }
        default:
            if !isBasic, !isPost, id != provider.clientID { check.reasons.append("the client is not known") }
        }
    }

    func reject(
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
    package var accessTokens: [String] { leaves { $0.contains("access") || $0 == "token" } }
    package var refreshTokens: [String] { leaves { $0.contains("refresh") } }

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
