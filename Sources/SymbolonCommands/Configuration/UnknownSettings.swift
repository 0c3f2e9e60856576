internal import Integrations

/// Settings that nothing reads: a misspelt name must not pass for a default.
enum UnknownSettings {
    /// One sentence for each.
    static func mistakes(in sources: SettingsSources, integrations: [Integration]) -> [String] {
        let known = Setting.general + integrations.flatMap(Setting.integration)
        let integrationIDs = integrations.map(\.id)
        let paths = Set(known.map(\.path))
        let variables = Set(known.map(\.environmentVariable) + [SettingsSources.configurationVariable])
        var mistakes: [String] = []
        for variable in sources.environment.keys.sorted()
        where variable.hasPrefix(Setting.environmentPrefix) && !variables.contains(variable) {
            mistakes.append(
                "\(variable) is no setting. `symbolon config check` lists those that are in force")
        }
        if let secrets = sources.secrets {
            for name in secrets.unknownNames(known) {
                mistakes.append(
                    "\(secrets.path): the file `\(name)` is no setting; a file is named like "
                        + "`integrations-github-client_secret`")
            }
        }
        if let file = sources.file {
            for (name, line) in file.unknownNames(paths) {
                mistakes.append("\(file.path):\(line): `\(name)` is no setting\(hint(name, integrationIDs))")
            }
        }
        return mistakes
    }

    private static func hint(_ name: String, _ integrationIDs: [String]) -> String {
        let steps = name.split(separator: ".")
        guard steps.count >= 2, steps[0] == "integrations", !integrationIDs.contains(String(steps[1])) else {
            return ""
        }
        return
            ": there is no integration `\(steps[1])`; add it with `inherits: generic`, or in a file that `catalog` names"
    }
}
