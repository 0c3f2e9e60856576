internal import ArgumentParser
internal import FoundationEssentials

/// The configuration, for commands that only look at it.
struct ConfigurationFileOptions: ParsableArguments {
    @Option(help: SettingsSources.fileHelp, completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    /// Whether a file is named, here or in the environment.
    var isNamed: Bool {
        SettingsSources.file(config, environment: ProcessInfo.processInfo.environment) != nil
    }

    func settings() throws(ConfigurationError) -> Settings {
        let sources = try SettingsSources(
            flags: [:], file: config, environment: ProcessInfo.processInfo.environment)
        return try Settings.read(sources).settings
    }
}
