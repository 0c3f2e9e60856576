import ArgumentParser
import ConnectAPI
import Connections
import StateTokens

/// `symbolon doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check everything that the service needs, and say what to fix.",
        discussion: """
            Checks configuration, keyrings, API keys, store, clock and the traces' collector, and for each \
            configured integration the redirect URI to register and whether its provider responds. Prints \
            a verdict per line, and changes nothing. Exits with 0 if nothing is wrong, with 3 for the \
            configuration or a file in it, with 4 for a store or a provider that does not respond, and \
            with 1 for a failed check.

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
        if settings.production == nil, !options.isNamed {
            diagnosis.findings += Self.overlooked(Self.installedConfiguration).map { [$0] } ?? []
        }
        let deployment = DeploymentCheck(settings: settings, now: .now())
        diagnosis.findings += await deployment.findings()
        diagnosis.findings += try await ProvidersCheck(
            catalog: ConfiguredCatalog(settings), settings: settings, skew: deployment.skew
        ).findings(probing)
        diagnosis.findings += await TracingCheck(settings: settings).findings(probing)
        try diagnosis.conclude(output)
    }

    /// Where the Debian package has it.
    private static let installedConfiguration = "/etc/symbolon/symbolon.yaml"

    /// A configuration that is on this machine, while development mode is looked at.
    static func overlooked(_ path: String) -> Finding? {
        guard FileKind(at: path) == .other else { return nil }
        return .warning(
            "configuration", "no configuration was given, and \(path) exists: did you mean --config \(path)?")
    }
}
