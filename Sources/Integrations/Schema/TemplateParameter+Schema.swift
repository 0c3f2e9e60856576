extension TemplateParameter {
    static func read(_ entry: SectionReader) -> [TemplateParameter] {
        let section = entry.section("parameters")
        return section.keys.compactMap { name in
            guard section.node(name) != nil else { return nil }
            if !Template.isName(name.utf8) { section.report("must be named with a-z, 0-9 and _", name) }
            return TemplateParameter(name: name, section.section(name))
        }
    }

    private init(name: String, _ section: SectionReader) {
        self.name = name
        label = section.string("label") ?? name
        description = section.string("description")
        kind = section.choice("kind", of: Kind.self) ?? .label
        pattern = section.string("pattern")
        defaultValue = section.string("default")
        callbackField = section.string("callback_field")
        section.finish()
        check(section)
    }

    private func check(_ section: SectionReader) {
        if let pattern {
            do {
                _ = try Regex(pattern)
            } catch {
                section.report("is not a regular expression", "pattern")
                return
            }
        }
        if callbackField != nil {
            // The user's browser sends the callback, so the user would choose where the code goes.
            if pattern == nil {
                section.report(
                    "a value from the callback needs a `pattern` of all that it may be", "callback_field")
            }
            if defaultValue != nil { section.report("a value from the callback has no default", "default") }
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
