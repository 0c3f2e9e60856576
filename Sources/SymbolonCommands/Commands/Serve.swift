internal import ArgumentParser
internal import FoundationEssentials
internal import Logging
internal import StateTokens

/// `symbolon serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the service.",
        discussion: """
            Without configuration it runs in development mode: on loopback only, with generated keys and a \
            local store under .symbolon/, a printed API key, and a sandbox provider to try a whole flow \
            with.

            EXAMPLES
              symbolon serve
              symbolon serve --config /etc/symbolon/symbolon.yaml
              SYMBOLON_INTEGRATIONS_GITHUB_CLIENT_ID=… \\
                SYMBOLON_INTEGRATIONS_GITHUB_CLIENT_SECRET=… symbolon serve
            """)

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        // Before the first secret is read.
        let hardening = Hardening.apply()
        let sources = try options.sources()
        let (settings, findings) = try Settings.read(sources)
        let deployment = try Deployment(settings, directory: FileManager.default.currentDirectoryPath)
        let level = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
        let telemetry = try Telemetry.start(
            level, format: settings.logFormat, audit: settings.auditLog,
            logMetadata: settings.tracing == nil ? nil : TracePipeline.logMetadata)
        hardening.report(to: telemetry.logger)
        let url = deployment.publicURL.description
        let apiKey = deployment.development?.apiKey
        let greeting = Self.greeting(url: url, host: settings.host, port: settings.port, apiKey: apiKey)
        do {
            try await Server(settings, findings, from: sources, deployment, telemetry).run {
                do throws(CommandError) {
                    try Console.print(greeting)
                } catch {
                    // The service runs even where its greeting cannot be printed.
                    telemetry.logger.warning("\(error.message)")
                }
            }
        } catch {
            await telemetry.close()
            if let error = await settings.listeningError(error) { throw error }
            throw error
        }
        await telemetry.close()
    }

    private static func greeting(url: String, host: String, port: Int, apiKey: String?) -> String {
        guard let apiKey else { return "Symbolon serves \(url) on \(host):\(port)." }
        return """

            Symbolon runs in development mode: this machine only, keys and store in \(DevelopmentFolder.name)/.

              Open     \(url)/   and press Connect on the sandbox
              API key  \(apiKey)

            Or begin a flow by hand, then open its auth_url in a browser:

              curl -s \(url)/api/v1/oauth/initiate \\
                -H "Authorization: Bearer \(apiKey)" \\
                -H "Content-Type: application/json" \\
                -d '{"integration_id": "sandbox"}'

            Stop it with Ctrl-C.

            """
    }
}
