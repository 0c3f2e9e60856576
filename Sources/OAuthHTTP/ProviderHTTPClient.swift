internal import Encodings
internal import Integrations
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
package import OAuth
package import Tracing

/// A provider's response, whole and within bounds.
package struct ProviderResponse: Sendable {
    package let status: Int
    package let contentType: String?
    package let body: [UInt8]
    /// When it was made, by the provider's clock (RFC 9110 §6.6.1).
    package let date: String?
    /// How long it may be kept, if it says so.
    package let cacheLifetime: Duration?
    /// How long the provider wants to be left alone (RFC 9110 §10.2.3), as it writes it.
    let retryAfter: String?

    package init(
        status: Int, contentType: String?, body: [UInt8], date: String? = nil, cacheLifetime: Duration? = nil,
        retryAfter: String? = nil
    ) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.date = date
        self.cacheLifetime = cacheLifetime
        self.retryAfter = retryAfter
    }
}

/// Sends requests to providers. A request is sent once or not at all, and no redirect is followed. Addresses, time and
/// size have bounds, so that a provider costs a bounded wait and nothing else.
///
/// It is built on SwiftNIO's HTTP/1.1. A general HTTP client dials one address or resolves by itself, and does not tell
/// whether a request was handed to the connection; that decides whether a user's code may be sent again.
///
/// Shut it down before you release it.
package final class ProviderHTTPClient: Sendable {
    private let configuration: ProviderHTTPConfiguration
    private let pool = ConnectionPool()
    private let connector: Connector
    /// Of the hosts that the catalog and the operator name.
    private let resolver: HostResolver
    /// Of those that callers name, whose name servers may be slow on purpose.
    private let callersResolver: HostResolver
    private let resolve: LookUp?
    private let tracing: ProviderTracing?

    /// All addresses of a host, within a time.
    typealias LookUp = @Sendable (String, TimeAmount) async throws -> [IPAddress]

    /// - Parameter tracer: makes a span of each request; `nil`: there are none.
    package convenience init(
        _ configuration: ProviderHTTPConfiguration = ProviderHTTPConfiguration(), tracer: (any Tracer)? = nil
    ) {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = configuration.systemCertificateFile { tls.trustRoots = .file(file) }
        if let file = configuration.certificateFile { tls.additionalTrustRoots = [.file(file)] }
        self.init(configuration, tlsConfiguration: tls, resolve: nil, tracer: tracer)
    }

    /// Tests have their own name server and certificate authority.
    init(
        _ configuration: ProviderHTTPConfiguration, tlsConfiguration: TLSConfiguration,
        resolver: HostResolver = HostResolver(threadCount: 4, hostLimit: 1_024),
        callersResolver: HostResolver = HostResolver(threadCount: 8, hostLimit: 256),
        resolve: LookUp?, tracer: (any Tracer)? = nil
    ) {
        tracing = tracer.map { ProviderTracing($0) }
        self.configuration = configuration
        connector = Connector(
            connectTimeout: configuration.connectTimeout, tls: TLSContext(tlsConfiguration))
        self.resolver = resolver
        self.callersResolver = callersResolver
        self.resolve = resolve
    }

    package var load: ProviderLoad { pool.load }

    /// Waits for the requests in progress, and rejects every later one.
    package func shutdown() async {
        await pool.shutdown()
        await resolver.shutdown()
        await callersResolver.shutdown()
    }

    /// The deadline covers everything; the configured time-out applies where it is sooner.
    ///
    /// - Parameter call: what the request is for, as its span says.
    package func send(
        _ request: ProviderRequest, as call: ProviderCall, deadline: ContinuousClock.Instant? = nil
    ) async throws(ProviderRequestError) -> ProviderResponse {
        let url: ProviderURL
        do throws(ProviderURLError) {
            url = try ProviderURL(
                request.url, allowsInsecureLoopback: configuration.allowsInsecureLoopback)
        } catch {
            throw .unacceptable(error)
        }
        try pool.beginRequest()
        defer { pool.endRequest() }
        let latest = ContinuousClock.now + configuration.timeout
        let end = min(deadline ?? latest, latest)
        guard let tracing else { return try await send(request, url, end: end) }
        return try await tracing.send(request, url, as: call) {
            request async throws(ProviderRequestError) in
            try await send(request, url, end: end)
        }
    }

    private func send(
        _ request: ProviderRequest, _ url: ProviderURL, end: ContinuousClock.Instant
    ) async throws(ProviderRequestError) -> ProviderResponse {
        var failure = ProviderRequestError.unreachable
        for destination in try await destinations(request, url, end: end) {
            // A connection that was closed while it was idle has taken nothing, so that the next one may.
            while let kept = pool.take(destination.route, among: destination.checkedAddresses) {
                if let response = try await exchange(request, url, destination.route, kept, end: end) {
                    return response
                }
            }
            let connection: ProviderConnection
            do throws(ProviderRequestError) {
                connection = try await connector.connect(to: destination, end: end)
            } catch {
                failure = error
                continue
            }
            guard let response = try await exchange(request, url, destination.route, connection, end: end)
            else {
                continue
            }
            return response
        }
        throw failure
    }

    // MARK: Where to

    /// One, but for a host that a caller named behind a proxy: there is one for each of its addresses, since a proxy
    /// takes one at a time.
    private func destinations(
        _ request: ProviderRequest, _ url: ProviderURL, end: ContinuousClock.Instant
    ) async throws(ProviderRequestError) -> [Connector.Destination] {
        let serverName = IPAddress(url.host) == nil ? url.writtenHost : nil
        guard let proxy = configuration.proxy, url.isSecure, !url.isLoopback, proxy.isUsed(for: url.host)
        else {
            return [
                Connector.Destination(
                    route: Route(isSecure: url.isSecure, host: url.host, port: url.port, isTunnelled: false),
                    serverName: serverName, addresses: try await checkedAddresses(request, url, end: end),
                    port: url.port)
            ]
        }
        // The proxy looks up what the catalog or the operator names. What a caller names, and what is no name, is
        // checked here and handed to the proxy as an address, so that it cannot become another one.
        var checked: [IPAddress?] = [nil]
        if request.isHostNamedByCaller || url.mayBeAddress {
            let addresses = try await checkedAddresses(request, url, end: end)
            checked = AddressOrder.interleaved(addresses).prefix(4).map { $0 }
        }
        let proxyAddresses = try await lookUp(proxy.host, isNamedByCaller: false, end: end)
        let route = Route(isSecure: true, host: url.host, port: url.port, isTunnelled: true)
        return checked.map { address in
            let host = address.map { $0.isIPv4 ? "\($0)" : "[\($0)]" } ?? url.host
            return Connector.Destination(
                route: route, serverName: serverName, addresses: proxyAddresses, port: proxy.port,
                tunnel: Connector.Tunnel(proxy: proxy, authority: "\(host):\(url.port)", address: address))
        }
    }

    /// One bad address rejects the name: the same name server could give the bad one to the next look-up.
    private func checkedAddresses(
        _ request: ProviderRequest, _ url: ProviderURL, end: ContinuousClock.Instant
    ) async throws(ProviderRequestError) -> [IPAddress] {
        let addresses = try await lookUp(
            url.host, isNamedByCaller: request.isHostNamedByCaller, end: end)
        guard addresses.allSatisfy(configuration.allows) else { throw .forbiddenAddress }
        return addresses
    }

    private func lookUp(
        _ host: String, isNamedByCaller: Bool, end: ContinuousClock.Instant
    ) async throws(ProviderRequestError) -> [IPAddress] {
        let remaining = ContinuousClock.now.duration(to: end)
        guard remaining > .zero else { throw .unresolved }
        let timeout = min(remaining, configuration.connectTimeout)
        do {
            let addresses: [IPAddress]
            if let resolve {
                addresses = try await resolve(host, TimeAmount(timeout))
            } else if let address = IPAddress(host) {
                addresses = [address]
            } else {
                let resolver = isNamedByCaller ? callersResolver : resolver
                addresses = try await resolver.resolve(host, timeout: TimeAmount(timeout))
            }
            guard !addresses.isEmpty else { throw ProviderRequestError.unresolved }
            return addresses
        } catch {
            throw .unresolved
        }
    }

    // MARK: Exchange

    /// - Returns: nil if nothing was sent, since the connection had been closed before.
    private func exchange(
        _ request: ProviderRequest, _ url: ProviderURL, _ route: Route, _ connection: ProviderConnection,
        end: ContinuousClock.Instant
    ) async throws(ProviderRequestError) -> ProviderResponse? {
        let received = try await connection.exchange(
            HTTPRequestHead(request, url), body: request.body, byteCountLimit: configuration.byteCountLimit,
            end: end)
        guard let received else { return nil }
        if received.isReusable { pool.keep(connection, for: route) } else { connection.close() }
        return received.response
    }
}

extension ProviderURL {
    fileprivate var isLoopback: Bool { Self.isLoopback(host) }

    /// What resolvers take for an address, in any of its old spellings, or for this machine.
    fileprivate var mayBeAddress: Bool {
        if host.contains(":") || host == "localhost" || host.hasSuffix(".localhost") { return true }
        guard let last = host.split(separator: ".").last else { return true }
        return last.utf8.allSatisfy { (0x30...0x39).contains($0) } || last.hasPrefix("0x")
    }
}

extension HTTPRequestHead {
    /// RFC 9112 §3.2.1: the target in origin form, and the URL's authority as host.
    fileprivate init(_ request: ProviderRequest, _ url: ProviderURL) {
        let afterScheme = url.text.utf8.drop { $0 != UInt8(ascii: ":") }.dropFirst(3)
        let end = afterScheme.firstIndex { "/?#".utf8.contains($0) } ?? afterScheme.endIndex
        let path = String(afterScheme[end...].prefix { $0 != UInt8(ascii: "#") }) ?? ""
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: String(afterScheme[..<end]) ?? "")
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        if !headers.contains(name: "User-Agent") { headers.add(name: "User-Agent", value: "symbolon") }
        // Responses are small, and a coding is one more thing that can be wrong with them.
        headers.replaceOrAdd(name: "Accept-Encoding", value: "identity")
        if request.method == .post || !request.body.isEmpty {
            headers.replaceOrAdd(name: "Content-Length", value: String(request.body.count))
        }
        self.init(
            version: .http1_1, method: HTTPMethod(request.method),
            uri: path.utf8.first == UInt8(ascii: "/") ? path : "/" + path, headers: headers)
    }
}

extension HTTPMethod {
    fileprivate init(_ method: RequestMethod) {
        self =
            switch method {
            case .get: .GET
            case .post: .POST
            case .delete: .DELETE
            }
    }
}
