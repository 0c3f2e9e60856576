import ArgumentParser
import OAuthHTTP

/// How providers are asked.
struct ProbeOptions: ParsableArguments {
    @Flag(help: "Ask no provider.")
    var offline = false

    @Option(help: .init("How long all providers together may take.", valueName: "seconds"))
    var timeout = 5

    func validate() throws {
        guard (1...60).contains(timeout) else {
            throw ValidationError("--timeout must be from 1 to 60 seconds.")
        }
    }

    /// Runs `body` with a client that is closed afterwards.
    func withClient<Value>(
        _ settings: Settings, _ body: (ProviderHTTPClient) async -> Value
    ) async -> Value {
        let client = ProviderHTTPClient(settings.providers.http(timeout: .seconds(timeout)))
        let result = await body(client)
        await client.shutdown()
        return result
    }
}
