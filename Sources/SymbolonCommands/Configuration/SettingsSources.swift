internal import Configuration
internal import SystemPackage

/// Where settings come from: flags, then the environment, then a directory of secrets, then a YAML file.
struct SettingsSources {
    /// A source with the name that people know it by.
    struct Source {
        let name: String
        let provider: any ConfigProvider
    }

    /// The first that has a value wins.
    let sources: [Source]
    let environment: [String: String]
    let configurationFile: String?

    /// - Parameters:
    ///   - flags: what was given on the command line.
    ///   - file: `--config`; else what `SYMBOLON_CONFIG` names.
    init(
        flags: [Setting: String], file: String?, environment: [String: String]
    ) async throws(ConfigurationError) {
        self.environment = environment
        configurationFile = file ?? environment[Self.configurationVariable]
        var sources: [Source] = []
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (setting, text) in flags {
            values[AbsoluteConfigKey(setting.path)] = ConfigValue(.string(text), isSecret: setting.isSecret)
        }
        sources.append(Source(name: "flag", provider: InMemoryProvider(name: "flags", values: values)))
        let variables = EnvironmentVariablesProvider(environmentVariables: environment)
        sources.append(
            Source(name: "environment", provider: variables.prefixKeys(with: ConfigKey(["symbolon"]))))
        if let configurationFile {
            do {
                let provider = try await FileProvider<YAMLSnapshot>(filePath: FilePath(configurationFile))
                sources.append(Source(name: configurationFile, provider: provider))
            } catch {
                throw ConfigurationError([
                    "\(configurationFile) cannot be read as YAML: \(error)"
                ])
            }
        }
        self.sources = try await Self.withSecrets(sources)
    }

    /// The directory of secrets goes before the file, which may name it.
    private static func withSecrets(_ sources: [Source]) async throws(ConfigurationError) -> [Source] {
        let setting = Setting.secretsDirectory
        var directory: String?
        for source in sources where directory == nil {
            directory = try source.value(of: setting, as: .string).flatMap { content in
                if case .string(let text) = content { text } else { nil }
            }
        }
        guard let directory else { return sources }
        do {
            let provider = try await DirectoryFilesProvider(directoryPath: FilePath(directory))
            var all = sources
            all.insert(Source(name: directory, provider: provider), at: min(2, all.count))
            return all
        } catch {
            throw ConfigurationError(["\(setting.name): the directory \(directory) cannot be read"])
        }
    }

    static let configurationVariable = "SYMBOLON_CONFIG"
}

extension SettingsSources.Source {
    /// The value of a setting, if this source has one.
    ///
    /// - Throws: if it has one of another kind.
    func value(of setting: Setting, as type: ConfigType) throws(ConfigurationError) -> ConfigContent? {
        do {
            return try provider.value(forKey: AbsoluteConfigKey(setting.path), type: type).value?.content
        } catch {
            let kind =
                switch setting.kind {
                case .text: "a text"
                case .number: "a whole number"
                case .flag: "true or false"
                case .list: "a list"
                }
            throw ConfigurationError(["\(setting.name) (from \(name)) must be \(kind)"])
        }
    }
}
