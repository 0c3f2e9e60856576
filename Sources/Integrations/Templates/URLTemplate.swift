/// Why a text is not a template of a provider's URL.
enum URLTemplateError: Error, Equatable {
    case template(TemplateError)
    case url(ProviderURLError)
    /// The entry declares no such parameter, or its choices have no such value.
    case undeclared(String)
    /// A parameter stands where its kind may not: only labels and whole hosts make a host.
    case misplaced(String)
    /// `https://example.{tld}`: the caller who gives the value would choose the site.
    case openHost
    /// A secret would be seen wherever the URL is.
    case secret(String)
    case tooManyChoices
}

extension URLTemplateError: CustomStringConvertible {
    var description: String {
        switch self {
        case .template(let error): error.description
        case .url(let error): error.description
        case .undeclared(let name): "names {\(name)}, which the entry does not declare under `parameters`"
        case .misplaced(let name):
            "has {\(name)} where its kind cannot stand: `label` is for one label of the host, "
                + "`host` for the whole host, `segment` for the path, `url` for all before the path"
        case .openHost:
            "must end its host with a fixed name; only a parameter of kind `host` may be the whole host"
        case .secret(let name): "names {\(name)}, which is secret"
        case .tooManyChoices: "has parameters with more than \(ChoiceCombinations.limit) choices together"
        }
    }
}

/// A provider's URL with places for parameters, none of which can move the host.
package struct URLTemplate: Sendable, Hashable {
    let template: Template

    package var text: String { template.text }
    /// The parameters that stand in it.
    package var names: [String] { template.parameterNames }
    /// What stands in its braces: a parameter, or a value of a choice.
    var places: [String] { template.names }
    package var isConstant: Bool { template.isConstant }
    /// The parameters that stand in its host and path.
    var namesBeforeQuery: [String] {
        var names: [String] = []
        for segment in template.segments {
            switch segment {
            case .literal(let text): if text.utf8.contains(UInt8(ascii: "?")) { return names }
            case .name(let name): names.append(Template.parameterName(name))
            }
        }
        return names
    }

    /// - Parameter isIssuer: a `url` may be all of it, since an issuer needs no path.
    init(
        _ text: String, parameters: [TemplateParameter], allowsInsecureLoopback: Bool, isIssuer: Bool = false
    ) throws(URLTemplateError) {
        let template: Template
        do { template = try Template(text) } catch { throw .template(error) }
        for name in template.names {
            guard let parameter = parameters.first(where: { $0.name == Template.parameterName(name) }),
                parameter.hasValue(name)
            else { throw .undeclared(name) }
            if parameter.isSecret { throw .secret(name) }
        }
        guard let combinations = ChoiceCombinations.of(template, parameters) else { throw .tooManyChoices }
        let kinds = Dictionary(parameters.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
        for values in combinations {
            let chosen = values.isEmpty ? text : template.filled(values)
            try Self.check(
                chosen, kinds: kinds, allowsInsecureLoopback: allowsInsecureLoopback, isIssuer: isIssuer)
        }
        self.template = template
    }

    /// A template in which no choices are left.
    private static func check(
        _ text: String, kinds: [String: TemplateParameter.Kind], allowsInsecureLoopback: Bool, isIssuer: Bool
    ) throws(URLTemplateError) {
        let template: Template
        do { template = try Template(text) } catch { throw .template(error) }
        var samples: [String: String] = [:]
        for name in template.names {
            switch kinds[name] {
            case .host: samples[name] = "host.example"
            case .url: samples[name] = "https://host.example"
            case .label, .segment, .choice, nil: samples[name] = "sample"
            }
        }
        do throws(ProviderURLError) {
            _ = try ProviderURL(template.filled(samples), allowsInsecureLoopback: allowsInsecureLoopback)
        } catch {
            throw .url(error)
        }
        try checkPlaces(template, kinds: kinds, isIssuer: isIssuer)
    }

    private static func checkPlaces(
        _ template: Template, kinds: [String: TemplateParameter.Kind], isIssuer: Bool
    ) throws(URLTemplateError) {
        let text = template.text
        if let server = template.serverName, kinds[server] == .url {
            switch template.segments.dropFirst().first {
            case nil where isIssuer: break
            case .literal(let path) where path.utf8.first == UInt8(ascii: "/"): break
            case nil, .literal, .name: throw .misplaced(server)
            }
            for name in template.names.dropFirst() where kinds[name] == .host || kinds[name] == .url {
                throw .misplaced(name)
            }
            return
        }
        guard let scheme = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw .url(.notHTTPS) }
        guard !text.utf8[..<scheme].contains(UInt8(ascii: "{")) else { throw .url(.notHTTPS) }
        let authority = authority(of: text, after: scheme)
        let host = authority.prefix { $0 != UInt8(ascii: ":") }
        guard !authority.dropFirst(host.count).contains(UInt8(ascii: "{")) else { throw .url(.badPort) }
        let hostText = String(decoding: Array(host), as: UTF8.self)
        let inHost: Template
        let inRest: Template
        do {
            inHost = try Template(hostText)
            inRest = try Template(String(decoding: Array(text.utf8[authority.endIndex...]), as: UTF8.self))
        } catch {
            throw .template(error)
        }
        for name in inHost.names {
            switch kinds[name] {
            case .label: break
            case .host: guard hostText == "{\(name)}" else { throw .misplaced(name) }
            case .segment, .choice, .url, nil: throw .misplaced(name)
            }
        }
        if host.last == UInt8(ascii: "}"), kinds[inHost.names.last ?? ""] != .host { throw .openHost }
        for name in inRest.names where kinds[name] == .host || kinds[name] == .url { throw .misplaced(name) }
    }

    private static func authority(of text: String, after scheme: String.Index) -> Substring.UTF8View {
        text.utf8[scheme...].dropFirst(3).prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
    }

    func filled(_ values: [String: String]) -> String { template.filled(values) }

    /// The same with one place filled in; the others stay.
    func filling(_ name: String, with value: String) -> URLTemplate {
        names.contains(name) ? URLTemplate(template: template.filling(name, with: value)) : self
    }

    private init(template: Template) { self.template = template }

    /// Whether the host is always under a name of two labels or more that no caller gives.
    ///
    /// Without it a caller could name a host of their own, and whatever is sent there would be theirs: the
    /// client secret above all. What the operator gives is as good as what the entry says.
    ///
    /// - Parameter isClientsHostFixed: whether the client's settings name the host that it belongs to, or will have to.
    func fixesSite(
        _ parameters: [TemplateParameter], isClientsHostFixed: Bool = false
    ) throws(TemplateError) -> Bool {
        let parameters = parameters.map { $0.isHostOfClient && isClientsHostFixed ? $0.givenByClient : $0 }
        guard let combinations = ChoiceCombinations.of(template, parameters) else { return false }
        for values in combinations {
            let chosen = values.isEmpty ? template : try Template(template.filled(values))
            guard try Self.fixesSite(chosen, parameters) else { return false }
        }
        return true
    }

    private static func fixesSite(
        _ template: Template, _ parameters: [TemplateParameter]
    ) throws(TemplateError) -> Bool {
        func parameter(_ name: String) -> TemplateParameter? { parameters.first { $0.name == name } }
        if let server = template.serverName { return parameter(server)?.source == .client }
        let text = template.text
        guard let scheme = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let authority = authority(of: text, after: scheme)
        let host = try Template(
            String(decoding: Array(authority.prefix { $0 != UInt8(ascii: ":") }), as: UTF8.self))
        guard !host.isConstant else { return true }
        var suffixes: Set<FixedSuffix> = [.empty]
        for segment in host.segments {
            let part: Set<FixedSuffix>
            switch segment {
            case .literal(let text): part = [FixedSuffix(text: text, isWhole: true)]
            case .name(let name):
                let parameter = parameter(name)
                if parameter?.source == .client {
                    part = [
                        FixedSuffix(text: parameter?.kind == .host ? "host.example" : "label", isWhole: true)
                    ]
                } else {
                    part = parameter?.pattern.flatMap { FixedSuffix.suffixes(ofPattern: $0) } ?? [.anything]
                }
            }
            guard let joined = FixedSuffix.joined(suffixes, part) else { return false }
            suffixes = joined
        }
        return suffixes.allSatisfy(\.namesSite)
    }
}

extension Template {
    /// The name that the text begins with: of a server, in a URL.
    fileprivate var serverName: String? {
        if case .name(let name)? = segments.first { name } else { nil }
    }
}

extension TemplateParameter {
    /// As good as one that the operator gives.
    fileprivate var givenByClient: TemplateParameter {
        TemplateParameter(
            name: name, label: label, description: nil, example: nil, kind: kind, pattern: pattern,
            defaultValue: nil, choices: [], source: .client, isSecret: false, isHostOfClient: false,
            isForAPI: false)
    }

    /// Whether a template may name it so: by itself, or a value that its choices have.
    func hasValue(_ place: String) -> Bool {
        place == name
            || choices.first.map { choice in values(choice.id).contains { $0.name == place } } ?? false
    }
}

/// The values that a template's choices put into it, one set for each combination of choices.
private enum ChoiceCombinations {
    static let limit = 256

    /// One empty set where the template names no choices; nil where there are too many.
    static func of(_ template: Template, _ parameters: [TemplateParameter]) -> [[String: String]]? {
        let used = Set(template.parameterNames)
        var combinations: [[String: String]] = [[:]]
        for parameter in parameters where parameter.kind == .choice && used.contains(parameter.name) {
            guard combinations.count * parameter.choices.count <= limit else { return nil }
            combinations = combinations.flatMap { values in
                parameter.choices.map { choice in
                    values.merging(parameter.values(choice.id)) { first, _ in first }
                }
            }
        }
        return combinations
    }
}
