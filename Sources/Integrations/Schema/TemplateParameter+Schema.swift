extension TemplateParameter {
    static func read(_ entry: SectionReader) -> [TemplateParameter] {
        let section = entry.section("parameters")
        let parameters = section.keys.compactMap { name -> TemplateParameter? in
            guard section.node(name) != nil else { return nil }
            if !Template.isName(name.utf8) {
                section.report("must be named with letters, digits and _, a letter first", name)
            }
            return TemplateParameter(name: name, section.section(name))
        }
        for second in parameters.filter(\.isHostOfClient).dropFirst() {
            section.report("a client belongs to one host; say `client_host` of one parameter", second.name)
        }
        return parameters
    }

    private init(name: String, _ section: SectionReader) {
        self.name = name
        label = section.string("label") ?? name
        description = section.string("description")
        example = section.string("example")
        pattern = section.string("pattern")
        defaultValue = section.string("default")
        source = section.source("from")
        let choices = section.choices("choices")
        self.choices = choices
        // What an operator sets is no host unless the entry says so.
        kind =
            section.choice("kind", of: Kind.self)
            ?? (choices.isEmpty ? source == .client ? .segment : .label : .choice)
        isSecret = section.flag("secret") ?? false
        isHostOfClient = section.flag("client_host") ?? false
        isForAPI = section.use("use")
        section.finish()
        check(section)
    }

    private func check(_ section: SectionReader) {
        if let pattern {
            do {
                _ = try ParameterPatterns.regex(pattern)
            } catch {
                section.report("is not a regular expression", "pattern")
                return
            }
        }
        if kind == .choice, choices.isEmpty {
            section.report("is needed where the kind is `choice`", "choices")
        }
        if kind != .choice, !choices.isEmpty {
            section.report("must be `choice` where there are choices", "kind")
        }
        // The user's browser sends the callback, so the user would choose where the code goes. A response chooses no host
        // either that the entry does not allow.
        if keptField != nil, pattern == nil, kind != .choice {
            section.report(
                "a value from the \(callbackField == nil ? "token response" : "callback") needs a `pattern` of all "
                    + "that it may be", "from")
        }
        if isSecret, source != .client { section.report("only a value `from: client` is secret", "secret") }
        if isSecret, defaultValue != nil { section.report("a secret has no default", "default") }
        if isHostOfClient, source != .caller || ![.host, .url].contains(kind) {
            section.report("only a `host` or a `url` that callers name belongs to a client", "client_host")
        }
        guard let defaultValue else { return }
        do {
            _ = try checked(defaultValue)
        } catch {
            section.report(
                "the default is refused by the parameter's own rules: \(error.description)", "default")
        }
    }
}

extension SectionReader {
    /// `client`, or `callback.` or `response.` and the name of a field.
    fileprivate func source(_ key: String) -> TemplateParameter.Source {
        guard let text = string(key) else { return .caller }
        if text == "client" { return .client }
        for (prefix, source) in Self.fieldSources where text.hasPrefix(prefix) {
            let field = text.dropFirst(prefix.count)
            if !field.isEmpty { return source(String(field)) }
        }
        report("must be `client`, or `callback.` or `response.` and the name of a field", key)
        return .caller
    }

    private static var fieldSources: [(prefix: String, source: (String) -> TemplateParameter.Source)] {
        [("callback.", { .callback(field: $0) }), ("response.", { .response(field: $0) })]
    }

    fileprivate func use(_ key: String) -> Bool {
        guard let text = string(key) else { return false }
        if text != "api" { report("must be `api`, or left out", key) }
        return text == "api"
    }

    /// `us: {label: United States, accounts: accounts.example.com}`; every choice has the same values.
    fileprivate func choices(_ key: String) -> [ParameterChoice] {
        let section = section(key)
        let choices = section.keys.compactMap { id -> ParameterChoice? in
            guard section.node(id) != nil else { return nil }
            if !Self.isChoice(id) {
                section.report("must be named with letters, digits, `-`, `.` and `_`", id)
            }
            return section.section(id).choice(id)
        }
        let names = Set(choices.flatMap(\.values.keys))
        for choice in choices where Set(choice.values.keys) != names {
            let missing = names.subtracting(choice.values.keys).sorted().joined(separator: ", ")
            section.report("lacks what another choice has: \(missing)", choice.id)
        }
        if choices.count > Self.choiceCountLimit {
            report("must be at most \(Self.choiceCountLimit)", key)
        }
        return choices
    }

    private static let choiceCountLimit = 64

    private func choice(_ id: String) -> ParameterChoice {
        let label = string("label") ?? id
        var values: [String: String] = [:]
        for name in keys where name != "label" {
            guard let node = node(name) else { continue }
            guard Template.isName(name.utf8) else {
                report("must be named with letters, digits and _, a letter first", name)
                continue
            }
            // Braces would make a template of it.
            guard let text = node.text,
                text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x7b && $0 != 0x7d })
            else {
                report("must be a text of visible ASCII without braces; it may be empty (\"\")", name)
                continue
            }
            values[name] = text
        }
        finish()
        return ParameterChoice(id: id, label: label, values: values)
    }

    private static func isChoice(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
