import ArgumentParser
import ConnectAPI
import Connections
import StateTokens

/// `symbolon doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks at everything that the service needs, and says what is wrong and what to do.",
        discussion: """
            Configuration, keyrings, API keys, store, clock, and for each integration that is configured the \
            redirect URI to register and whether its provider answers, and whether the collector of \
            traces does: a verdict a line. It changes \
            nothing. Exits with 0 if nothing is wrong, with 3 for configuration or a file in it, with 4 for \
            a store or a provider that does not answer, and with 1 for what does not hold.

            EXAMPLES
              symbolon doctor
              symbolon doctor --config /etc/symbolon/symbolon.yaml
              symbolon doctor --offline
              symbolon doctor --json | jq '.findings[] | select(.verdict == "bad")'
            """)

    @OptionGroup var probing: ProbeOptions
    @OptionGroup var options: ConfigurationFileOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var diagnosis = Diagnosis()
        let settings: Settings
        do throws(ConfigurationError) {
            settings = try options.settings()
        } catch {
            // Nothing else can be looked at without knowing where it is.
            diagnosis.findings = error.mistakes.map { .bad("configuration", $0) }
            return try diagnosis.conclude(output)
        }
        let mode = settings.production == nil ? "development" : "production"
        diagnosis.findings.append(.good("configuration", "can be read: \(mode) mode"))
        let deployment = DeploymentCheck(settings: settings, now: .now())
        diagnosis.findings += await deployment.findings()
        diagnosis.findings += try await ProvidersCheck(
            catalog: ConfiguredCatalog(settings), settings: settings, skew: deployment.skew
        ).findings(probing)
        diagnosis.findings += await TracingCheck(settings: settings).findings(probing)
        try diagnosis.conclude(output)
    }
}
