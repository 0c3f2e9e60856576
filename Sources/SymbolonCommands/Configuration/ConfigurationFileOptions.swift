internal import ArgumentParser
internal import FoundationEssentials

/// The configuration, for commands that only look at it.
struct ConfigurationFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The configuration file (YAML); the environment counts, too.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    func settings() throws(ConfigurationError) -> Settings {
        let sources = try SettingsSources(
            flags: [:], file: config, environment: ProcessInfo.processInfo.environment)
        return try Settings.read(sources).settings
    }
}
