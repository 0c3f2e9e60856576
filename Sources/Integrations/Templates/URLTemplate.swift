/// Why a text is not a template of a provider's URL.
enum URLTemplateError: Error, Equatable {
    case template(TemplateError)
    case url(ProviderURLError)
    /// The entry declares no such parameter.
    case undeclared(String)
    /// A parameter stands where its kind may not: only labels and whole hosts make a host.
    case misplaced(String)
    /// `https://example.{tld}`: whoever gives the value would choose the site.
    case openHost
}

extension URLTemplateError: CustomStringConvertible {
    var description: String {
        switch self {
        case .template(let error): error.description
        case .url(let error): error.description
        case .undeclared(let name): "names {\(name)}, which the entry does not declare under `parameters`"
        case .misplaced(let name):
            "has {\(name)} where its kind cannot stand: `label` is for one label of the host, "
                + "`host` for the whole host, `segment` for the path"
        case .openHost:
            "must end its host with a fixed name; only a parameter of kind `host` may be the whole host"
        }
    }
}

/// A provider's URL with places for parameters, none of which can move the host.
package struct URLTemplate: Sendable, Hashable {
    let template: Template

    package var text: String { template.text }
    package var names: [String] { template.names }
    package var isConstant: Bool { template.isConstant }

    init(
        _ text: String, parameters: [TemplateParameter], allowsInsecureLoopback: Bool
    ) throws(URLTemplateError) {
        let template: Template
        do { template = try Template(text) } catch { throw .template(error) }
        let kinds = Dictionary(parameters.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
        var samples: [String: String] = [:]
        for name in template.names {
            guard let kind = kinds[name] else { throw .undeclared(name) }
            samples[name] = kind == .host ? "host.example" : "sample"
        }
        do throws(ProviderURLError) {
            _ = try ProviderURL(template.filled(samples), allowsInsecureLoopback: allowsInsecureLoopback)
        } catch {
            throw .url(error)
        }
        try Self.checkPlaces(text, kinds: kinds)
        self.template = template
    }

    private static func checkPlaces(
        _ text: String, kinds: [String: TemplateParameter.Kind]
    ) throws(URLTemplateError) {
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
            case .segment, nil: throw .misplaced(name)
            }
        }
        if host.last == UInt8(ascii: "}"), kinds[inHost.names.last ?? ""] != .host { throw .openHost }
        for name in inRest.names where kinds[name] == .host { throw .misplaced(name) }
    }

    private static func authority(of text: String, after scheme: String.Index) -> Substring.UTF8View {
        text.utf8[scheme...].dropFirst(3).prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
    }

    func filled(_ values: [String: String]) -> String { template.filled(values) }

    /// Whether the host is always under a name of two labels or more that no caller gives.
    ///
    /// Without it a caller could name a host of their own, and whatever is sent there would be theirs: the
    /// client secret above all.
    func fixesSite(_ parameters: [TemplateParameter]) throws(TemplateError) -> Bool {
        guard let scheme = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let authority = Self.authority(of: text, after: scheme)
        let host = try Template(
            String(decoding: Array(authority.prefix { $0 != UInt8(ascii: ":") }), as: UTF8.self))
        guard !host.isConstant else { return true }
        var endings: Set<FixedEnding> = [.empty]
        for segment in host.segments {
            let part: Set<FixedEnding>
            switch segment {
            case .literal(let text): part = [FixedEnding(text: text, isWhole: true)]
            case .name(let name):
                let pattern = parameters.first { $0.name == name }?.pattern
                part = pattern.flatMap { FixedEnding.endings(ofPattern: $0) } ?? [.anything]
            }
            guard let joined = FixedEnding.joined(endings, part) else { return false }
            endings = joined
        }
        return endings.allSatisfy(\.namesSite)
    }
}
