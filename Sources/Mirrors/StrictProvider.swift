package import Encodings
internal import Integrations
internal import Synchronization

/// A provider made of provenance facts. It takes what its sources show, and rejects what the real one would.
///
/// What no source shows is free: another separator, further parameters. What the RFC fixes is not.
package final class StrictProvider: Sendable {
    /// A request as it comes to the provider's own host.
    package struct Request: Sendable {
        package let method: String
        package let url: String
        /// By their names in lower case.
        package let headers: [String: String]
        package let body: String

        package init(method: String, url: String, headers: [String: String], body: String) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
        }
    }

    package struct Response: Sendable, Equatable {
        package let status: Int
        package let body: JSONValue
    }

    /// A request, and what the provider made of it.
    package struct Exchange: Sendable {
        package let request: Request
        package let response: Response
    }

    /// Why an authorization request is not taken.
    package struct Rejection: Error, CustomStringConvertible {
        package let reasons: [String]

        package init(reasons: [String]) { self.reasons = reasons }

        package var description: String { reasons.joined(separator: "; ") }
    }

    struct State: Sendable {
        var codes: [String: Code] = [:]
        var spentCodes: Set<String> = []
        /// The response that was issued last.
        var issued: JSONValue?
        var refreshToken: String?
        /// Of the flow, for its ID token.
        var nonce: String?
        var spentTokens: Set<String> = []
        var isRevoked = false
        /// Everything that was wrong with requests.
        var reasons: [String] = []
        var exchanges: [Exchange] = []

        func accessTokens(_ facts: Provenance) -> [String] {
            guard let issued else { return [] }
            return facts.example.accessTokenPaths.compactMap { issued[$0]?.text } + issued.accessTokens
        }
    }

    struct Code: Sendable {
        let challenge: String?
        let state: String
        let nonce: String?
    }

    package let provenance: Provenance
    package let clientID: String
    package let clientSecret: String
    /// The client's, which comes with each code.
    package let redirectURI: String
    private let state = Mutex(State())

    package init(
        _ provenance: Provenance, clientID: String = "client", clientSecret: String = "secret",
        redirectURI: String
    ) {
        self.provenance = provenance
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
    }

    /// Every request so far.
    package var exchanges: [Exchange] { state.withLock { $0.exchanges } }
    package var reasons: [String] { state.withLock { $0.reasons } }
    /// The response that was issued last.
    package var issued: JSONValue? { state.withLock { $0.issued } }

    package func respond(to request: Request) -> Response {
        state.withLock { state in
            let response = MirrorResponse(provider: self, request: request).response(&state)
            state.exchanges.append(Exchange(request: request, response: response))
            return response
        }
    }

    /// What the user's browser is sent back with: the query of the redirect URI.
    package func authorize(_ url: String, scopes: [String]) throws(Rejection) -> String {
        let check = AuthorizationCheck(
            provenance, clientID: clientID, redirectURI: redirectURI, url: url, scopes: scopes)
        guard check.reasons.isEmpty else { throw Rejection(reasons: check.reasons) }
        let code = state.withLock { state in
            let code = "code-\(state.codes.count)"
            state.codes[code] = Code(
                challenge: check.challenge, state: check.state, nonce: check.nonce)
            return code
        }
        let name = provenance.names(.callbackNames).name("code")
        var fields = [(name: name, value: code), (name: "state", value: check.state)]
        for (field, value) in provenance.example.callback.sorted(by: { $0.key < $1.key })
        where field != name && field != "state" {
            fields.append((name: field, value: value))
        }
        return fields.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
            .joined(separator: "&")
    }
}

/// An endpoint's URL, without its query.
struct EndpointAddress: Equatable {
    let text: String
    var query: [(name: String, value: String)] = []

    init(_ url: String) {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        text = String(parts[0])
        if parts.count > 1 { query = Form.fields(String(parts[1].prefix { $0 != "#" })) }
    }

    static func == (first: EndpointAddress, second: EndpointAddress) -> Bool { first.text == second.text }
}

enum Form {
    static func fields(_ text: String) -> [(name: String, value: String)] {
        (FormFields.parse(Array(text.utf8), countLimit: 100) ?? []).map { ($0.name, $0.value) }
    }
}

/// Parameters of a request, taken one by one, so that what is left is too much.
struct ParameterCheck {
    private(set) var fields: [String: String] = [:]
    var reasons: [String] = []

    init(_ fields: [(name: String, value: String)]) {
        for field in fields where self.fields.updateValue(field.value, forKey: field.name) != nil {
            reasons.append("\(field.name) comes twice")
        }
    }

    mutating func take(_ name: String) -> String? { fields.removeValue(forKey: name) }

    /// A standard parameter. Where no source shows the provider's names, it may have any.
    mutating func take(_ standard: String, _ names: ParameterNames, like value: String?) -> String? {
        if let found = take(names.name(standard)) { return found }
        guard names.shown == nil, let value, let other = fields.first(where: { $0.value == value })?.key
        else { return nil }
        return take(other)
    }

    mutating func expect(_ name: String, _ value: String) {
        let found = take(name)
        if found != value { reasons.append("\(name) is \(found ?? "missing"), and must be \(value)") }
    }

    /// A standard parameter, which may be left out only where no source shows that it is taken.
    mutating func expect(
        _ standard: String, _ value: String, _ names: ParameterNames, isNeeded: Bool = false
    ) {
        guard names.takes(standard) else {
            if take(standard) != nil { reasons.append("\(standard) is unknown") }
            return
        }
        let found = take(standard, names, like: value)
        if found == nil, names.shown == nil, !isNeeded { return }
        if found != value { reasons.append("\(standard) is \(found ?? "missing"), and must be \(value)") }
    }

    mutating func finish(allowsMore: Bool) {
        guard !allowsMore else { return }
        for name in fields.keys.sorted() { reasons.append("\(name) is unknown") }
    }
}

/// An authorization request, compared with the facts.
package struct AuthorizationCheck {
    package private(set) var reasons: [String] = []
    private(set) var challenge: String?
    private(set) var state = ""
    private(set) var nonce: String?

    package init(
        _ facts: Provenance, clientID: String, redirectURI: String, url: String, scopes: [String]
    ) {
        let documented = facts.endpoint(.authorizationEndpoint) ?? ""
        let (address, query, fragment) = Self.parts(url)
        let (expectedAddress, fixed, expectedFragment) = Self.parts(documented)
        if address != expectedAddress {
            reasons.append("the endpoint is \(address), and must be \(expectedAddress)")
        }
        // It stays in the browser, so that only a documented one counts.
        if let expectedFragment, fragment != expectedFragment {
            reasons.append("the fragment is \(fragment ?? "missing")")
        }
        var check = ParameterCheck(Form.fields(query))
        let names = facts.names(.authorizationNames)
        for field in Form.fields(fixed) { check.expect(field.name, field.value) }
        var extra = facts.members(.authorizationParameters) ?? [:]
        check.expect("response_type", extra.removeValue(forKey: "response_type") ?? "code", names)
        check.expect("client_id", clientID, names, isNeeded: true)
        check.expect(
            "redirect_uri", extra.removeValue(forKey: "redirect_uri").map { facts.filled($0) } ?? redirectURI,
            names)
        state = check.take(names.name("state")) ?? ""
        if state.isEmpty { check.reasons.append("state is missing") }
        if let limit = facts.text(.maxStateLength).flatMap(Int.init), state.utf8.count > limit {
            check.reasons.append("state is longer than \(limit)")
        }
        let granted = Self.checkScopes(check.take(names.name("scope")), facts, scopes: scopes, &check)
        nonce = check.take(names.name("nonce"))
        if nonce?.isEmpty ?? true, facts.text(.nonce) == "required" {
            check.reasons.append("nonce is missing")
        }
        if nonce != nil, facts.text(.nonce) != "required", facts.text(.nonce) != "true",
            !granted.contains("openid")
        {
            check.reasons.append("nonce without the scope openid")
        }
        challenge = Self.checkChallenge(facts, names, &check)
        for (name, value) in extra { check.expect(name, facts.filled(value, with: ["client_id": clientID])) }
        check.finish(allowsMore: facts.facts[.authorizationParameters] == nil)
        reasons += check.reasons
    }

    /// Address, query and fragment. A router in the page has its path and its query in the fragment.
    private static func parts(_ url: String) -> (address: String, query: String, fragment: String?) {
        if let router = url.firstRange(of: "#/") {
            let parts = url[router.upperBound...].split(
                separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                String(url[..<router.upperBound]) + parts[0], parts.count > 1 ? String(parts[1]) : "", nil
            )
        }
        let whole = url.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = whole[0].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return (
            String(parts[0]), parts.count > 1 ? String(parts[1]) : "",
            whole.count > 1 ? String(whole[1]) : nil
        )
    }

    private static func checkScopes(
        _ found: String?, _ facts: Provenance, scopes: [String], _ check: inout ParameterCheck
    ) -> [String] {
        guard facts.text(.fixedScopes) != "true" else {
            return found?.split(separator: " ").map(String.init) ?? []
        }
        guard let fact = facts.facts[.scopeSeparator] else {
            // No source shows how scopes are separated.
            return found?.split { " ,+".contains($0) }.map(String.init) ?? []
        }
        guard let separator = fact.value.text else {
            if let found { check.reasons.append("scope is \(found), and there is no such parameter") }
            return []
        }
        let required = facts.texts(.requiredScopes)
        let asked = scopes + (required ?? []).filter { !scopes.contains($0) }
        let expected = asked.joined(separator: separator)
        guard let found, !expected.isEmpty else {
            if found != nil || !expected.isEmpty {
                check.reasons.append("scope is \(found ?? "missing"), and must be \(expected)")
            }
            return []
        }
        // Further scopes, or always the same ones, where no source shows them.
        let isMore =
            required == nil
            && (found.hasPrefix(expected + separator)
                || Set(found.split(separator: separator).map(String.init)).isDisjoint(with: scopes))
        if found != expected, !isMore { check.reasons.append("scope is \(found), and must be \(expected)") }
        return found.split(separator: separator).map(String.init)
    }

    private static func checkChallenge(
        _ facts: Provenance, _ names: ParameterNames, _ check: inout ParameterCheck
    ) -> String? {
        let challenge = check.take(names.name("code_challenge"))
        let method = check.take(names.name("code_challenge_method"))
        switch facts.text(.pkce) {
        case "required", "supported":
            if challenge == nil { check.reasons.append("code_challenge is missing") }
        case "none", "refused":
            if challenge != nil || method != nil { check.reasons.append("code_challenge is refused") }
        default: break
        }
        if challenge != nil, method?.lowercased() != "s256" {
            check.reasons.append("the challenge is not S256")
        }
        if challenge == nil, method != nil {
            check.reasons.append("a challenge's method without a challenge")
        }
        return challenge
    }
}
