internal import ArgumentParser
internal import FoundationEssentials

/// The flags that stand for settings.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: SettingsSources.fileHelp, completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "host"))
    var host: String?

    @Option(help: ArgumentHelp("The port to listen on.", valueName: "port"))
    var port: Int?

    @Option(
        help: ArgumentHelp(
            "The store: sqlite:PATH, postgresql://…, or none.", valueName: "url"))
    var store: String?

    /// All sources, with these flags before the others.
    func sources() throws(ConfigurationError) -> SettingsSources {
        var flags: [Setting: String] = [:]
        flags[.host] = host
        flags[.port] = port.map(String.init)
        if let store {
            // Every user of the machine can see a process's arguments.
            guard !StoreLocation.hasPassword(store) else {
                throw ConfigurationError([
                    "--store has a password in it: set \(Setting.store.environmentVariable) instead"
                ])
            }
            flags[.store] = store
        }
        return try SettingsSources(
            flags: flags, file: config, environment: ProcessInfo.processInfo.environment)
    }
}
