internal import Encodings
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Makes connections to providers. Only addresses that were checked are dialled, and no name is looked up again, while
/// TLS asks for the name and verifies it.
struct Connector: Sendable {
    /// Where a request goes.
    struct Destination: Sendable {
        let route: Route
        /// The name in the certificate; nil where the URL has an address.
        let serverName: String?
        /// What is dialled: the provider's checked addresses, or the proxy's.
        let addresses: [IPAddress]
        let port: Int
        /// Through a proxy, where that is what is dialled.
        var tunnel: Tunnel?

        /// Where a kept connection must lead; none where the proxy looks the name up.
        var checkedAddresses: [IPAddress] {
            guard let tunnel else { return addresses }
            return tunnel.address.map { [$0] } ?? []
        }
    }

    /// A way through the operator's proxy.
    struct Tunnel: Sendable {
        let proxy: OutgoingProxy
        /// `host:port`, the host being a name or a checked address.
        let authority: String
        let address: IPAddress?

        /// What the addresses that connected are remembered by.
        var proxyRoute: Route {
            Route(isSecure: false, host: proxy.host, port: proxy.port, isTunnelled: false)
        }
    }

    let connectTimeout: Duration
    let tls: TLSContext
    private let connected = ConnectedAddresses()

    init(connectTimeout: Duration, tls: TLSContext) {
        self.connectTimeout = connectTimeout
        self.tls = tls
    }

    /// Goes on to the other addresses where TLS fails too, since nothing of a request has been sent by then.
    func connect(
        to destination: Destination, end: ContinuousClock.Instant
    ) async throws(ProviderRequestError) -> ProviderConnection {
        let route = destination.tunnel?.proxyRoute ?? destination.route
        var addresses = AddressOrder.interleaved(destination.addresses, first: connected.address(of: route))
        var failure = ProviderRequestError.unreachable
        while !addresses.isEmpty, ContinuousClock.now < end {
            guard let (address, channel) = await race(addresses, of: route, port: destination.port, end: end)
            else {
                throw failure
            }
            addresses.removeAll { $0 == address }
            do throws(ProviderRequestError) {
                let connection = try await secured(
                    channel, destination, address: address, isLast: addresses.isEmpty, end: end)
                connected.remember(address, of: route)
                return connection
            } catch {
                channel.close(promise: nil)
                failure = error
            }
        }
        throw failure
    }

    // MARK: TCP

    private func race(
        _ addresses: [IPAddress], of route: Route, port: Int, end: ContinuousClock.Instant
    ) async -> (address: IPAddress, connection: any Channel)? {
        let end = min(end, .now + connectTimeout)
        let race = ConnectionRace<any Channel>(
            connect: { address in
                try await ConnectionAttempt().connect(
                    to: SocketAddress(ipAddress: address.description, port: port), end: end)
            }, close: { $0.close(promise: nil) })
        return await race.winner(among: addresses)
    }

    // MARK: TLS and HTTP

    private func secured(
        _ channel: any Channel, _ destination: Destination, address: IPAddress, isLast: Bool,
        end: ContinuousClock.Instant
    ) async throws(ProviderRequestError) -> ProviderConnection {
        let context = destination.route.isSecure ? try await tls.context() : nil
        // Where there is another address, time is left for it.
        let remaining = ContinuousClock.now.duration(to: end)
        let timeout = min(connectTimeout, isLast ? remaining : remaining / 2)
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let serverName = destination.serverName
        do {
            if let tunnel = destination.tunnel { try await open(tunnel, channel, deadline: deadline) }
            let prepared = channel.eventLoop.flatSubmit {
                prepare(channel, context, serverName: serverName, deadline: deadline)
            }
            let handler = try await prepared.get()
            return ProviderConnection(
                channel, handler, address: destination.tunnel == nil ? address : destination.tunnel?.address)
        } catch {
            throw ProviderRequestError(connecting: error)
        }
    }

    private func open(
        _ tunnel: Tunnel, _ channel: any Channel, deadline: NIODeadline
    ) async throws {
        try await channel.eventLoop.flatSubmit {
            let established = channel.eventLoop.makePromise(of: Void.self)
            let timer = channel.eventLoop.scheduleTask(deadline: deadline) {
                established.fail(ChannelError.connectTimeout(.zero))
            }
            established.futureResult.whenComplete { _ in timer.cancel() }
            do {
                try channel.pipeline.syncOperations.addHandler(
                    ProxyTunnel(
                        to: tunnel.authority, authorization: tunnel.proxy.authorization,
                        established: established))
            } catch {
                established.fail(error)
            }
            return established.futureResult
        }.get()
    }

    /// On the channel's event loop.
    private func prepare(
        _ channel: any Channel, _ context: NIOSSLContext?, serverName: String?, deadline: NIODeadline
    ) -> EventLoopFuture<NIOLoopBound<ExchangeHandler>> {
        let ready = channel.eventLoop.makePromise(of: Void.self)
        let handler = ExchangeHandler(ready: ready)
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        do {
            let pipeline = channel.pipeline.syncOperations
            if let context {
                try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: serverName))
            }
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderListSize = 1 << 16
            limits.maxHeaderFieldSize = 1 << 16
            try pipeline.addHTTPClientHandlers(
                encoderConfiguration: HTTPRequestEncoder.Configuration(), decoderLimitConfiguration: limits)
            try pipeline.addHandler(handler)
        } catch {
            ready.fail(error)
        }
        guard context != nil, channel.isActive else {
            if channel.isActive { ready.succeed() } else { ready.fail(ChannelError.eof) }
            return ready.futureResult.map { bound }
        }
        let timer = channel.eventLoop.scheduleTask(deadline: deadline) {
            ready.fail(ChannelError.connectTimeout(.zero))
        }
        ready.futureResult.whenComplete { _ in timer.cancel() }
        return ready.futureResult.map { bound }
    }
}
