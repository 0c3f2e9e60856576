internal import Encodings

/// What every authorization URL of a client at one endpoint begins with, percent-encoded once.
package struct AuthorizationPrefix: Sendable {
    /// A parameter for which the caller may give a value of its own.
    package struct Overridable: Sendable {
        package let name: String
        /// `&name=`
        package let key: [UInt8]
        package let defaultValue: [UInt8]?
    }

    /// The endpoint, its own query, the client and the static parameters.
    package let octets: [UInt8]
    /// `&name=value` of every overridable parameter that has a default.
    package let defaults: [UInt8]
    package let overridable: [Overridable]
    /// With its `#`; it ends the URL, whatever comes before (RFC 3986 §3.5).
    package let fragment: [UInt8]
    /// The provider wants the parameters in an order.
    package let isOrdered: Bool
    private let queryOffset: Int

    /// - Parameter asksOfflineAccess: the user is to be asked for consent, unless the entry has a prompt of its own.
    init(
        endpoint: String, clientID: String, rules: AuthorizationRules, values: [String: String],
        asksOfflineAccess: Bool = false
    ) {
        let endpoint = Array(endpoint.utf8)
        let base =
            rules.isQueryInFragment ? endpoint[...] : endpoint.prefix { $0 != UInt8(ascii: "#") }
        var octets = Array(base)
        if !base.contains(UInt8(ascii: "?")) {
            octets.append(UInt8(ascii: "?"))
        } else if base.last != UInt8(ascii: "?"), base.last != UInt8(ascii: "&") {
            octets.append(UInt8(ascii: "&"))
        }
        queryOffset = (octets.firstIndex(of: UInt8(ascii: "?")) ?? octets.count - 1) + 1
        isOrdered = !rules.order.isEmpty
        var pairs: [(String, String)] = []
        if let name = rules.name(.responseType) { pairs.append((name, rules.responseType)) }
        if let name = rules.name(.clientID) { pairs.append((name, clientID)) }
        if let name = rules.name(.redirectURI), let redirectURI = rules.redirectURI {
            pairs.append((name, redirectURI.filled(values)))
        }
        var overridable: [Overridable] = []
        var defaults: [UInt8] = []
        for parameter in rules.parameters {
            let value = parameter.value?.filled(values)
            if parameter.isOverridable {
                let key = Self.key(parameter.name)
                let encoded = value.map { Array(PercentEncoding.encode($0).utf8) }
                if let encoded { defaults += key + encoded }
                overridable.append(Overridable(name: parameter.name, key: key, defaultValue: encoded))
            } else if let value {
                pairs.append((parameter.name, value))
            }
        }
        let prompt = OfflineAccess.prompt
        if asksOfflineAccess, !rules.parameters.contains(where: { $0.name == prompt.name }) {
            pairs.append((prompt.name, prompt.value))
        }
        for (index, pair) in pairs.enumerated() {
            octets += index == 0 ? Self.key(pair.0).dropFirst() : Self.key(pair.0)[...]
            octets += Array(PercentEncoding.encode(pair.1).utf8)
        }
        self.octets = octets
        self.defaults = defaults
        self.overridable = overridable
        fragment = rules.fragment.map { Array("#\($0)".utf8) } ?? Array(endpoint[base.endIndex...])
    }

    /// Puts a URL's parameters into an order: those that are named come first. Off the hot path: few providers want
    /// one.
    package func arrange(_ url: inout [UInt8], by order: [String]) {
        let pairs = url[queryOffset...].split(separator: UInt8(ascii: "&"))
        var rest = pairs[...]
        var arranged: [ArraySlice<UInt8>] = []
        for name in order {
            let key = Array("\(PercentEncoding.encode(name))=".utf8)
            arranged += rest.filter { $0.starts(with: key) }
            rest.removeAll { $0.starts(with: key) }
        }
        url.replaceSubrange(
            queryOffset..., with: Array((arranged + rest).joined(separator: [UInt8(ascii: "&")])))
    }

    static func key(_ name: String) -> [UInt8] { Array("&\(PercentEncoding.encode(name))=".utf8) }
}

/// The keys of the parameters that each request fills, percent-encoded once; nil where one is not sent.
package struct AuthorizationKeys: Sendable {
    /// Nil also where the prefix has it.
    package let redirectURI: [UInt8]?
    package let scope: [UInt8]?
    package let secondScope: [UInt8]?
    package let state: [UInt8]?
    /// With the method before it: `&code_challenge_method=S256&code_challenge=`.
    package let codeChallenge: [UInt8]?
    package let nonce: [UInt8]?
    package let scopeSeparator: [UInt8]

    init(_ integration: Integration) {
        let rules = integration.authorization
        func key(_ name: AuthorizationRules.Name) -> [UInt8]? {
            rules.name(name).map(AuthorizationPrefix.key)
        }
        redirectURI = rules.redirectURI == nil ? key(.redirectURI) : nil
        scope = integration.scope.mode == .none ? nil : key(.scope)
        secondScope = integration.scope.secondList.map { AuthorizationPrefix.key($0.parameter) }
        state = key(.state)
        if rules.pkce.isSent {
            let method = PercentEncoding.encode(rules.codeChallengeMethod)
            codeChallenge = key(.codeChallenge).map {
                (key(.codeChallengeMethod) ?? []) + Array(method.utf8) + $0
            }
        } else {
            codeChallenge = nil
        }
        nonce = rules.nonce == .never ? nil : key(.nonce)
        let separator = integration.scope.separator
        scopeSeparator =
            integration.scope.isSeparatorUnencoded
            ? Array(separator.utf8) : Array(PercentEncoding.encode(separator).utf8)
    }
}
