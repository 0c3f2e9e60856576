internal import FoundationEssentials
internal import Yams

/// Settings that nobody reads: a misspelt name must not pass for a default.
enum UnknownSettings {
    /// One sentence for each.
    static func mistakes(
        in sources: SettingsSources, integrationIDs: [String]
    ) throws(ConfigurationError) -> [String] {
        let known = Setting.general + integrationIDs.flatMap(Setting.integration)
        let names = Set(known.map(\.name))
        let variables = Set(known.map(\.environmentVariable) + [SettingsSources.configurationVariable])
        var mistakes: [String] = []
        for variable in sources.environment.keys.sorted()
        where variable.hasPrefix(Setting.environmentPrefix) && !variables.contains(variable) {
            mistakes.append(
                "\(variable) is no setting. `symbolon config check` lists those that are in force")
        }
        if let file = sources.configurationFile {
            for name in try self.names(in: file) where !names.contains(name) {
                mistakes.append("\(file): `\(name)` is no setting\(hint(name, integrationIDs))")
            }
        }
        return mistakes
    }

    private static func hint(_ name: String, _ integrationIDs: [String]) -> String {
        let steps = name.split(separator: ".")
        guard steps.count >= 2, steps[0] == "integrations", !integrationIDs.contains(String(steps[1])) else {
            return ""
        }
        return ": there is no integration `\(steps[1])`; add it in a file that `catalog` names"
    }

    /// The dotted names of all leaves of a YAML file.
    private static func names(in file: String) throws(ConfigurationError) -> [String] {
        do {
            let text = try String(contentsOf: URL(filePath: file), encoding: .utf8)
            guard let root = try Yams.compose(yaml: text) else { return [] }
            return names(root, [])
        } catch {
            throw ConfigurationError(["\(file) cannot be read as YAML"])
        }
    }

    private static func names(_ node: Node, _ path: [String]) -> [String] {
        guard case .mapping(let mapping) = node else { return [path.joined(separator: ".")] }
        return mapping.flatMap { key, value in names(value, path + [key.string ?? "?"]) }
    }
}
