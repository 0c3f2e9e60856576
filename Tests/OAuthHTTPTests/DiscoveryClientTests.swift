import Integrations
import Testing

@testable import OAuthHTTP

@Suite("DiscoveryClient", .timeLimit(.minutes(1))) struct DiscoveryClientTests {
    private func fetch(_ path: String) async throws -> Result<DiscoveryDocument, DiscoveryFetchError> {
        let server = try await TestServer()
        let client = ProviderHTTPClient(ProviderHTTPConfiguration(allowsInsecureLoopback: true))
        let result: Result<DiscoveryDocument, DiscoveryFetchError>
        do throws(DiscoveryFetchError) {
            result = .success(try await DiscoveryClient(client).fetch(issuer: server.url(path)))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        try await server.close()
        return result
    }

    @Test func `an issuer's document is fetched from its well-known place`() async throws {
        let document = try await fetch("").get()
        #expect(document.tokenEndpoint == document.issuer + "/t")
    }

    @Test func `S06 a document that names another issuer is refused`() async throws {
        for path in ["/other", "/"] {
            let result = try await fetch(path)
            guard case .failure(.document(.issuerMismatch(let stated))) = result else {
                Issue.record("\(path): \(result)")
                continue
            }
            #expect(stated.hasPrefix("http://127.0.0.1:"))
        }
    }

    @Test(arguments: ["/rfc8414", "/inserted"])
    func `a document at a place of RFC 8414's is found`(_ path: String) async throws {
        #expect(try await fetch(path).get().issuer.hasSuffix(path))
    }

    @Test func `what is not there is told by its status`() async throws {
        let result = try await fetch("/nothing")
        #expect(throws: DiscoveryFetchError.status(404)) { try result.get() }
    }

    @Test func `an issuer without https is refused`() async throws {
        let client = ProviderHTTPClient()
        await #expect(throws: DiscoveryFetchError.request(.unacceptable(.notHTTPS))) {
            try await DiscoveryClient(client).fetch(issuer: "http://example.com")
        }
        await client.shutdown()
    }
}
