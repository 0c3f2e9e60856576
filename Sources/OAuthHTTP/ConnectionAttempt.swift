internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// One attempt to connect. It ends when its task is cancelled, as all but one in a race are.
final class ConnectionAttempt: Sendable {
    private struct State {
        var channel: (any Channel)?
        var isCancelled = false
    }

    private let state = Mutex(State())

    func connect(to address: SocketAddress, end: ContinuousClock.Instant) async throws -> any Channel {
        let remaining = ContinuousClock.now.duration(to: end)
        guard remaining > .zero else { throw ChannelError.connectTimeout(.zero) }
        return try await withTaskCancellationHandler {
            try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(TimeAmount(remaining))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    self.hold(channel)
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                .connect(to: address).get()
        } onCancel: {
            cancel()
        }
    }

    private func hold(_ channel: any Channel) {
        let isCancelled = state.withLock { state in
            state.channel = channel
            return state.isCancelled
        }
        if isCancelled { channel.close(promise: nil) }
    }

    private func cancel() {
        let channel = state.withLock { state in
            state.isCancelled = true
            return state.channel
        }
        channel?.close(promise: nil)
    }
}
