package import Encodings

/// A request with an access token: one that says whose account the token is for, or one that tells whether it is good.
package struct AccountLookup: Sendable, Hashable {
    /// How the request carries the access token.
    package enum Authorization: String, Sendable, CaseIterable {
        /// RFC 6750 §2.1.
        case bearer
        /// The token alone in the header `Authorization`.
        case raw
    }

    package let method: RequestMethod
    package let headers: [NamedTemplate]
    package let body: JSONValue?
    /// Nil where the token stands in the URL or in a header of the entry.
    package let authorization: Authorization?
    let url: URLTemplate
    /// Kept fields that may be the URL's host, each with the pattern of all that it may be.
    let hosts: [TemplateParameter]

    /// All names in the URL and the headers.
    var names: [String] { url.names + headers.flatMap(\.value.parameterNames) }
}

/// Why a look-up's URL cannot be made.
package enum AccountLookupURLError: Error, Equatable, CustomStringConvertible {
    /// The entry keeps this field, and it did not come.
    case missing(name: String)
    /// The field would be a host that the entry does not allow.
    case forbiddenHost(name: String)

    package var description: String {
        switch self {
        case .missing(let name): "the field `\(name)`, which is in the look-up's URL, did not come"
        case .forbiddenHost(let name): "the field `\(name)` is no host that the look-up allows"
        }
    }
}

// MARK: Reading

extension AccountLookup {
    static let openHostAdvice =
        "the caller would choose the host that gets the access token: end the host, or the pattern of what stands in it, "
        + "with a fixed name of two labels or more, or use the token endpoint's host"

    /// What the URL and the headers may name beside the entry's parameters.
    private static let ownNames = ["access_token", "client_id"]

    /// - Parameters:
    ///   - section: the look-up's own.
    ///   - kept: the fields of callback and token response that the entry keeps.
    init?(
        _ section: SectionReader, parameters: [TemplateParameter], kept: [String],
        tokenEndpoint: URLTemplate?, allowsInsecureLoopback: Bool
    ) {
        let hosts = Self.hosts(section.section("hosts"), kept: kept)
        let texts = (Self.ownNames + kept).filter { name in !hosts.contains { $0.name == name } }
        let places = hosts + texts.map { TemplateParameter(place: $0, kind: .segment) }
        let known = parameters + places.filter { place in !parameters.contains { $0.name == place.name } }
        method = section.method("method", among: [.get, .post]) ?? .get
        headers = section.templates("headers", parameters: known)
        section.checkHeaders("headers", headers, allowing: ["authorization"])
        body = section.node("body").map(\.json)
        self.hosts = hosts
        let url = section.string("url").flatMap { text -> URLTemplate? in
            do throws(URLTemplateError) {
                return try URLTemplate(
                    text, parameters: known, allowsInsecureLoopback: allowsInsecureLoopback)
            } catch {
                section.report("the URL \(error.description)", "url")
                return nil
            }
        }
        let names = (url?.names ?? []) + headers.flatMap(\.value.names)
        let sendsToken =
            names.contains("access_token")
            || headers.contains { $0.name.lowercased() == "authorization" }
        authorization =
            section.choice("authorization", of: Authorization.self) ?? (sendsToken ? nil : .bearer)
        if body != nil, method == .get { section.report("needs the method POST", "body") }
        if section.node("url") == nil { section.report("is needed", "url") }
        if let url, !url.isTrusted(with: tokenEndpoint, parameters: known) {
            section.report(Self.openHostAdvice, "url")
        }
        section.finish()
        guard let url else { return nil }
        self.url = url
    }

    /// Kept fields that may be a host, with their patterns.
    static func hosts(_ section: SectionReader, kept: [String]) -> [TemplateParameter] {
        section.keys.compactMap { name in
            guard let pattern = section.string(name) else { return nil }
            if !kept.contains(name) {
                section.report(
                    "must be one of response.fields or callback.fields, or for `api` a name of account.fields",
                    name)
            }
            do {
                _ = try ParameterPatterns.regex(pattern)
            } catch {
                section.report("is not a regular expression", name)
                return nil
            }
            return TemplateParameter(place: name, kind: .host, pattern: pattern)
        }
    }
}

extension URLTemplate {
    /// Whether the URL may be sent an access token: no caller chooses its host, or it is the host that issued the token.
    func isTrusted(with tokenEndpoint: URLTemplate?, parameters: [TemplateParameter]) -> Bool {
        if let tokenEndpoint, tokenEndpoint.authorityText == authorityText { return true }
        do throws(TemplateError) {
            return try fixesSite(parameters)
        } catch {
            return false
        }
    }

    private var authorityText: String {
        // A server that the user names.
        if text.utf8.first == UInt8(ascii: "{") { return String(text.prefix { $0 != "/" }) }
        return String(
            text.drop { $0 != ":" }.drop { $0 == ":" || $0 == "/" }
                .prefix { $0 != "/" && $0 != "?" && $0 != "#" })
    }
}

extension YAMLNode {
    /// The same in JSON; a plain scalar is what YAML's core schema makes of it.
    var json: JSONValue {
        switch content {
        case .null: return .null
        case .sequence(let elements): return .array(elements.map(\.json))
        case .mapping(let members):
            return .object(
                Dictionary(members.map { ($0.key, $0.value.json) }, uniquingKeysWith: { _, last in last }))
        case .scalar(let text, let isPlain):
            guard isPlain else { return .string(text) }
            if text == "true" || text == "false" { return .boolean(text == "true") }
            if let number = Int(text), "\(number)" == text { return .number(text) }
            return .string(text)
        }
    }
}

// MARK: Filling

extension ConfiguredIntegration {
    /// Where the account is looked up; nil where the entry has no look-up, or another provider issues the tokens.
    ///
    /// - Parameters:
    ///   - parameters: the checked values of the entry's parameters.
    ///   - kept: the access token, the client's id, and the fields of callback and token response that the entry keeps.
    package func accountLookupURL(
        parameters: [String: String], kept: [String: String]
    ) throws(AccountLookupURLError) -> (url: String, isHostNamedByCaller: Bool)? {
        guard let lookup = integration.account.lookup, let url = urls.accountLookup else { return nil }
        return try filled(url, of: lookup, parameters: parameters, kept: kept)
    }

    /// Where an access token is tried; nil as for the account's look-up.
    package func verificationURL(
        parameters: [String: String], kept: [String: String]
    ) throws(AccountLookupURLError) -> (url: String, isHostNamedByCaller: Bool)? {
        guard let call = integration.verification?.call, let url = urls.verification else { return nil }
        return try filled(url, of: call, parameters: parameters, kept: kept)
    }

    private func filled(
        _ url: URLTemplate, of lookup: AccountLookup, parameters: [String: String], kept: [String: String]
    ) throws(AccountLookupURLError) -> (url: String, isHostNamedByCaller: Bool) {
        let known = integration.parameters + lookup.hosts
        return (
            try url.filled(parameters: parameters, kept: kept, hosts: lookup.hosts),
            !url.isTrusted(with: nil, parameters: known)
        )
    }
}

extension URLTemplate {
    /// The URL with parameters, and with kept fields: as hosts where their patterns allow it, and percent-encoded elsewhere.
    func filled(
        parameters: [String: String], kept: [String: String], hosts: [TemplateParameter]
    ) throws(AccountLookupURLError) -> String {
        var values: [String: String] = [:]
        for name in places {
            if let value = parameters[name] {
                values[name] = value
                continue
            }
            guard let value = kept[name] else { throw .missing(name: name) }
            guard let host = hosts.first(where: { $0.name == name }) else {
                values[name] = PercentEncoding.encode(value)
                continue
            }
            do throws(ParameterError) {
                values[name] = try host.checked(value)
            } catch {
                throw .forbiddenHost(name: name)
            }
        }
        return filled(values)
    }
}
