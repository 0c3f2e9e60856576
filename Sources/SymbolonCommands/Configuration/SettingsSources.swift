internal import ArgumentParser

/// Where settings come from: flags, then the environment, then a directory of secrets, then a YAML file.
struct SettingsSources: Sendable {
    /// A source with the name that people know it by.
    struct Source: Sendable {
        let name: String
        let value: @Sendable (Setting) -> SettingValue?
    }

    /// The first that has a value wins.
    let sources: [Source]
    let environment: [String: String]
    let file: SettingsFile?
    let secrets: SecretsDirectory?

    /// - Parameters:
    ///   - flags: what was given on the command line.
    ///   - file: `--config`; else what `SYMBOLON_CONFIG` names.
    init(
        flags: [Setting: String], file path: String?, environment: [String: String]
    ) throws(ConfigurationError) {
        self.environment = environment
        var sources = [
            Source(name: "flag") { setting in flags[setting].map { SettingValue($0, kind: setting.kind) } },
            Source(name: "environment") { Self.value(of: $0, in: environment) },
        ]
        var file: SettingsFile?
        if let path = Self.file(path, environment: environment) {
            let read = try SettingsFile(path)
            sources.append(Source(name: path, value: read.value))
            file = read
        }
        var secrets: SecretsDirectory?
        // The file may name the directory, and the directory goes before the file.
        if let directory = sources.lazy.compactMap({ $0.value(.secretsDirectory) }).first {
            guard let path = directory.text else {
                throw ConfigurationError(["\(Setting.secretsDirectory.name) must be a text"])
            }
            let read = try SecretsDirectory(path)
            sources.insert(Source(name: path, value: read.value), at: 2)
            secrets = read
        }
        self.sources = sources
        self.file = file
        self.secrets = secrets
    }

    /// Whether a source may have settings of this integration. Its other names are like none of any other setting.
    func mentions(integration id: String) -> Bool {
        if file?.node(at: ["integrations", id]) != nil { return true }
        let variables = Setting("integrations", id).environmentVariable + "_"
        if environment.keys.contains(where: { $0.hasPrefix(variables) }) { return true }
        let names = SecretsDirectory.fileName(Setting("integrations", id)) + "-"
        return secrets?.names.contains { $0.hasPrefix(names) } ?? false
    }

    /// An empty variable is none: a template that fills in nothing must not hide the file's value.
    private static func value(of setting: Setting, in environment: [String: String]) -> SettingValue? {
        guard let text = environment[setting.environmentVariable]?.withoutFinalLineBreaks, !text.isEmpty
        else {
            return nil
        }
        return SettingValue(String(text), kind: setting.kind)
    }

    /// The configuration file: the one that is named, or else the environment's.
    static func file(_ named: String?, environment: [String: String]) -> String? {
        named ?? environment[configurationVariable].flatMap { $0.isEmpty ? nil : $0 }
    }

    static let configurationVariable = "SYMBOLON_CONFIG"

    /// The same for all commands.
    static let fileHelp = ArgumentHelp(
        "The configuration file (YAML; default: $\(configurationVariable)). The environment counts, too.",
        valueName: "file")
}
