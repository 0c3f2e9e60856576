internal import AsyncHTTPClient
internal import Encodings
internal import Integrations
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
package import OAuth

/// What a provider answered, whole and within bounds.
package struct ProviderAnswer: Sendable {
    package let status: Int
    package let contentType: String?
    package let body: [UInt8]
    /// When it was made, by the provider's clock (RFC 9110 §6.6.1).
    package let date: String?
    /// How long it may be kept, if it says so.
    package let cacheLifetime: Duration?

    package init(
        status: Int, contentType: String?, body: [UInt8], date: String? = nil, cacheLifetime: Duration? = nil
    ) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.date = date
        self.cacheLifetime = cacheLifetime
    }
}

/// Sends requests to providers. A request is sent once or not at all; no redirect is followed; name, address,
/// time and size are bounded, so that a provider costs a bounded wait and nothing else.
/// Must be shut down before it is let go.
package final class ProviderHTTPClient: Sendable {
    private let configuration: ProviderHTTPConfiguration
    private let clients: PinnedClients
    private let resolver: HostResolver
    private let resolve: LookUp

    /// All addresses of a host, within a time.
    typealias LookUp = @Sendable (String, TimeAmount) async throws -> [IPAddress]

    package convenience init(_ configuration: ProviderHTTPConfiguration = ProviderHTTPConfiguration()) {
        self.init(configuration, tlsConfiguration: .makeClientConfiguration(), resolve: nil)
    }

    /// Tests bring their own name server and their own certificate authority.
    init(
        _ configuration: ProviderHTTPConfiguration, tlsConfiguration: TLSConfiguration,
        resolve: LookUp?
    ) {
        let resolver = HostResolver()
        self.configuration = configuration
        self.resolver = resolver
        clients = PinnedClients(
            connectTimeout: TimeAmount(configuration.connectTimeout), tlsConfiguration: tlsConfiguration)
        if let resolve {
            self.resolve = resolve
        } else {
            self.resolve = { host, timeout in try await resolver.resolve(host, timeout: timeout) }
        }
    }

    /// Lets the requests under way come to their end; every later one is refused.
    package func shutdown() async {
        await clients.shutdown()
        await resolver.shutdown()
    }

    /// The deadline covers everything; the configured time-out applies where it is sooner.
    package func send(
        _ request: TokenRequest, deadline: ContinuousClock.Instant? = nil
    ) async throws(TokenEndpointError) -> ProviderAnswer {
        let url: ProviderURL
        do throws(ProviderURLError) {
            url = try ProviderURL(
                request.url, allowsInsecureLoopback: configuration.allowsInsecureLoopback)
        } catch {
            throw .unacceptable(error)
        }
        let latest = ContinuousClock.now + configuration.timeout
        let end = min(deadline ?? latest, latest)
        let addresses = try await checkedAddresses(url, end: end)
        do {
            return try await withThrowingTaskGroup(of: ProviderAnswer.self) { group in
                group.addTask { try await self.send(request, url, addresses, end: end) }
                group.addTask {
                    try await ContinuousClock().sleep(until: end)
                    throw TokenEndpointError.timedOut
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() else { throw TokenEndpointError.interrupted }
                return answer
            }
        } catch {
            throw TokenEndpointError(error)
        }
    }

    /// One bad address condemns the name: whoever answers for it could give the bad one to the next question.
    private func checkedAddresses(
        _ url: ProviderURL, end: ContinuousClock.Instant
    ) async throws(TokenEndpointError) -> [IPAddress] {
        let remaining = ContinuousClock.now.duration(to: end)
        guard remaining > .zero else { throw .unresolved }
        let timeout = min(remaining, configuration.connectTimeout)
        let addresses: [IPAddress]
        do {
            addresses = try await resolve(url.host, TimeAmount(timeout))
        } catch {
            throw TokenEndpointError(error)
        }
        guard !addresses.isEmpty else { throw .unresolved }
        guard addresses.allSatisfy(configuration.allows) else { throw .forbiddenAddress }
        return clients.preferred(url.writtenHost, among: addresses)
    }

    /// Goes on to the next address only where no connection was made, so that nothing is ever sent twice.
    private func send(
        _ request: TokenRequest, _ url: ProviderURL, _ addresses: [IPAddress], end: ContinuousClock.Instant
    ) async throws(TokenEndpointError) -> ProviderAnswer {
        var failure = TokenEndpointError.unreachable
        for address in addresses.prefix(3) {
            do throws(TokenEndpointError) {
                return try await send(
                    request, to: PinnedHost(host: url.writtenHost, address: address), end: end)
            } catch {
                failure = error
                if error != .unreachable { throw error }
            }
        }
        throw failure
    }

    private func send(
        _ request: TokenRequest, to pin: PinnedHost, end: ContinuousClock.Instant
    ) async throws(TokenEndpointError) -> ProviderAnswer {
        let client = try clients.acquire(pin)
        let result: Result<ProviderAnswer, TokenEndpointError>
        do {
            result = .success(try await exchange(request, client, end: end))
        } catch {
            result = .failure(TokenEndpointError(error))
        }
        await clients.release(pin)
        return try result.get()
    }

    private func exchange(
        _ request: TokenRequest, _ client: HTTPClient, end: ContinuousClock.Instant
    ) async throws -> ProviderAnswer {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = request.method == .get ? .GET : .POST
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        if !outgoing.headers.contains(name: "User-Agent") {
            outgoing.headers.add(name: "User-Agent", value: "symbolon")
        }
        if request.method == .post { outgoing.body = .bytes(request.body) }
        let remaining = ContinuousClock.now.duration(to: end)
        let answer = try await client.execute(outgoing, deadline: .now() + TimeAmount(remaining))
        let body = try await answer.body.collect(upTo: configuration.byteCountLimit)
        // A cancelled body ends early without an error, and half an answer must not pass for a whole one.
        try Task.checkCancellation()
        return ProviderAnswer(
            status: Int(answer.status.code), contentType: answer.headers.first(name: "Content-Type"),
            body: Array(body.readableBytesView), date: answer.headers.first(name: "Date"),
            cacheLifetime: CacheLifetime.read(
                cacheControl: answer.headers["Cache-Control"], age: answer.headers.first(name: "Age")))
    }
}
