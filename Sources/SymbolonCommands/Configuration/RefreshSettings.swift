internal import ConnectService

/// `refresh`: how connections are refreshed in the background.
struct RefreshSettings {
    /// `nil`: this replica does not sweep.
    let sweep: SweepSettings?
    /// How long before its end a token in use is refreshed.
    let margin: Duration

    static func read(_ reader: inout SettingsReader) -> RefreshSettings {
        let interval = reader.number(.sweepInterval, in: 0...3_600, default: 10)
        let concurrency = reader.number(.refreshConcurrency, in: 1...256, default: 8)
        return RefreshSettings(
            sweep: interval == 0
                ? nil : SweepSettings(interval: .seconds(interval), concurrency: concurrency),
            margin: .seconds(reader.number(.refreshMargin, in: 60...86_400, default: 300)))
    }
}
