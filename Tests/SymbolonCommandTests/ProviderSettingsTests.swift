import Encodings
import OAuthHTTP
import Testing

@testable import SymbolonCommands

@Suite("ProviderSettings") struct ProviderSettingsTests {
    /// Reads `providers` from the environment alone.
    private func read(
        _ environment: [String: String]
    ) async throws -> (settings: ProviderSettings, mistakes: [String], shown: [String]) {
        let sources = try SettingsSources(flags: [:], file: nil, environment: environment)
        var reader = SettingsReader(sources)
        let settings = ProviderSettings.read(
            &reader, allowsInsecureLoopback: false, environment: environment)
        return (settings, reader.mistakes, reader.findings.map(\.shown))
    }

    @Test(arguments: ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
    func `the usual variables count only where providers.proxy says so`(_ variable: String) async throws {
        let environment = [variable: "http://proxy.internal:3128", "NO_PROXY": "internal, 10.0.0.0/8"]
        #expect(try await read(environment).settings.proxy == nil)
        let asked = try await read(environment.merging(["SYMBOLON_PROVIDERS_PROXY": "environment"]) { $1 })
        #expect(
            asked.settings.proxy
                == (try OutgoingProxy("http://proxy.internal:3128", exceptions: ["internal", "10.0.0.0/8"])))
        #expect(asked.mistakes.isEmpty)
    }

    @Test func `a proxy's password is not shown`() async throws {
        let found = try await read([
            "SYMBOLON_PROVIDERS_PROXY": "http://user:hunter2@proxy.internal:3128",
            "SYMBOLON_PROVIDERS_NO_PROXY": "internal",
        ])
        #expect(found.settings.proxy?.host == "proxy.internal")
        #expect(found.mistakes.isEmpty)
        #expect(!found.shown.contains { $0.contains("hunter2") })
        let wrong = try await read(["SYMBOLON_PROVIDERS_PROXY": "socks5://user:hunter2@proxy"])
        #expect(wrong.settings.proxy == nil)
        #expect(wrong.mistakes.count == 1 && !wrong.mistakes[0].contains("hunter2"))
    }

    @Test(arguments: [
        ["SYMBOLON_PROVIDERS_ALLOWED_ADDRESSES": "198.18.0.0/15,10.0.0.1/8"],
        ["SYMBOLON_PROVIDERS_ALLOWED_ADDRESSES": "everywhere"],
        ["SYMBOLON_PROVIDERS_CA_FILE": "/nowhere/ca.pem"],
        ["SSL_CERT_FILE": "/nowhere/ca.pem"], ["SYMBOLON_PROVIDERS_CA_FILE": "/etc/hostname"],
    ]) func `what cannot be used is a mistake`(_ environment: [String: String]) async throws {
        #expect(try await read(environment).mistakes.count == 1)
    }

    @Test func `ranges and a file of certificates reach the client`() async throws {
        let found = try await read([
            "SYMBOLON_PROVIDERS_ALLOWED_ADDRESSES": "198.18.0.0/15,240.0.0.0/4",
            "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt",
        ])
        #expect(found.mistakes.isEmpty)
        let http = found.settings.http()
        #expect(http.allowedAddresses.map(\.description) == ["198.18.0.0/15", "240.0.0.0/4"])
        #expect(http.systemCertificateFile == "/etc/ssl/certs/ca-certificates.crt")
    }
}
