internal import Encodings
internal import Integrations

/// Settings that nothing reads: a misspelt name must not pass for a default.
enum UnknownSettings {
    /// What clients of the service read. A shell or a container that has both may set them for both.
    private static let ofClients = ["SYMBOLON_API_KEY", "SYMBOLON_URL"]

    /// One sentence for each.
    ///
    /// - Parameters:
    ///   - integrations: those that a source mentions.
    ///   - integrationIDs: the ids of all.
    static func mistakes(
        in sources: SettingsSources, integrations: [Integration], ids integrationIDs: [String]
    ) -> [String] {
        let known = Setting.general + integrations.flatMap(Setting.integration)
        let paths = Set(known.map(\.path))
        let variables = Set(
            known.map(\.environmentVariable) + [SettingsSources.configurationVariable] + ofClients)
        var mistakes: [String] = []
        for variable in sources.environment.keys.sorted()
        where variable.hasPrefix(Setting.environmentPrefix) && !variables.contains(variable) {
            let meant = LikelyName.of(variable, among: variables.map { $0.lowercased() })?.uppercased()
            mistakes.append(
                "unknown setting \(variable)"
                    + (meant.map { "; did you mean \($0)?" }
                        ?? ". `symbolon config check` lists the settings in use"))
        }
        if let secrets = sources.secrets {
            for name in secrets.unknownNames(known) {
                mistakes.append(
                    "\(secrets.path): unknown setting `\(name)`; a file is named like "
                        + "`integrations-github-client_secret`")
            }
        }
        if let file = sources.file {
            for (path, line) in file.unknownNames(paths) {
                let name = shown(path, paths)
                if let form = group(path, known) ?? nested(path, known) {
                    mistakes.append("\(file.path):\(line): `\(name)` is no setting\(form)")
                } else {
                    let advice = hint(name, integrationIDs) ?? likely(name, known)
                    mistakes.append("\(file.path):\(line): unknown setting `\(name)`\(advice)")
                }
            }
        }
        return mistakes
    }

    /// A name below a setting that takes a value may be that value, with braces around it, and a secret.
    private static func shown(_ path: [String], _ known: Set<[String]>) -> String {
        let end = path.indices.dropFirst().first { known.contains(Array(path[..<$0])) } ?? path.endIndex
        let names = path[..<end].map(\.shownAsName) + (end < path.endIndex ? ["…"] : [])
        return names.joined(separator: ".")
    }

    /// For a value where a group of settings belongs: `listen: 8080`.
    private static func group(_ path: [String], _ known: [Setting]) -> String? {
        let members = known.filter { $0.path.count > path.count && $0.path.starts(with: path) }
        guard let first = members.first else { return nil }
        let names = members.prefix(4).map { "`\($0.name)`" } + (members.count > 4 ? ["…"] : [])
        return " but a group of settings (\(names.joined(separator: ", "))): "
            + "write `\(first.written)`"
    }

    /// For a name with dots in place of a group: `listen.port: 8080`.
    private static func nested(_ path: [String], _ known: [Setting]) -> String? {
        let name = path.joined(separator: ".")
        return known.first { $0.name == name && $0.path != path }.map { ": write `\($0.written)`" }
    }

    private static func likely(_ name: String, _ known: [Setting]) -> String {
        LikelyName.of(name, among: known.map(\.name)).map { "; did you mean `\($0)`?" } ?? ""
    }

    private static func hint(_ name: String, _ integrationIDs: [String]) -> String? {
        let steps = name.split(separator: ".")
        guard steps.count >= 2, steps[0] == "integrations", !integrationIDs.contains(String(steps[1])) else {
            return nil
        }
        return
            ": there is no integration `\(steps[1])`; add it with `inherits: generic`, or in a file that `catalog` names"
    }
}
