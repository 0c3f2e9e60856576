internal import Access
internal import ConnectService
internal import JSONWebTokens
internal import Logging
internal import NIOPosix
internal import OAuthHTTP
internal import ServiceLifecycle

/// Keeps the keys of the tokens' issuer up to date as long as the server runs.
struct TokenKeys: Service {
    let keys: LiveKeySet

    /// - Parameter client: for a key set that is fetched.
    init(_ settings: TokenSettings, client: ProviderHTTPClient, logger: Logger) {
        let place = settings.keySet
        if settings.isKeySetRemote {
            let client = KeySetClient(client)
            keys = LiveKeySet(logger: logger) { KeySetDocument(try await client.fetch(place)) }
        } else {
            keys = LiveKeySet(logger: logger) {
                // A disk that stalls holds up no thread that answers requests.
                let octets = try await NIOThreadPool.singleton.runIfActive {
                    try BoundedFile(place, upTo: JSONWebKeySet.byteCountLimit).octets
                }
                return KeySetDocument(octets: octets)
            }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await keys.run()
        }
        try await gracefulShutdown()
    }
}

extension TokenAuthentication {
    init(_ settings: TokenSettings, keys: LiveKeySet) {
        self.init(settings.rules, claims: settings.claims, granted: settings.permissions, keys: keys)
    }
}

extension KeySetDocument {
    init(_ fetched: (octets: [UInt8], lifetime: Duration?)) {
        self.init(octets: fetched.octets, lifetime: fetched.lifetime)
    }
}
