internal import Encodings
internal import NIOCore
internal import NIOHTTP1

/// An open connection to a provider, ready for a request.
final class ProviderConnection: Sendable {
    /// The checked address that was dialled; nil through a proxy that resolves the name.
    private let address: IPAddress?
    private let channel: any Channel
    private let handler: NIOLoopBound<ExchangeHandler>

    init(_ channel: any Channel, _ handler: NIOLoopBound<ExchangeHandler>, address: IPAddress?) {
        self.channel = channel
        self.handler = handler
        self.address = address
    }

    var eventLoop: any EventLoop { channel.eventLoop }
    var isOpen: Bool { channel.isActive }

    func leads(toOneOf addresses: [IPAddress]) -> Bool {
        address.map(addresses.contains) ?? addresses.isEmpty
    }

    func close() { channel.close(promise: nil) }

    /// Sends one request.
    ///
    /// - Returns: nil if the connection had been closed before. Nothing was sent then.
    func exchange(
        _ head: HTTPRequestHead, body: [UInt8], byteCountLimit: Int, end: ContinuousClock.Instant
    ) async throws(ProviderRequestError) -> ExchangeHandler.Received? {
        let deadline = NIODeadline.now() + TimeAmount(ContinuousClock.now.duration(to: end))
        let handler = handler
        let outcome = eventLoop.flatSubmit {
            handler.value.send(head, body: body, byteCountLimit: byteCountLimit, deadline: deadline)
                ?? handler.eventLoop.makeSucceededFuture(nil)
        }
        do {
            return try await withTaskCancellationHandler {
                try await outcome.get()
            } onCancel: {
                close()
            }
        } catch let error as ProviderRequestError {
            throw Task.isCancelled ? .cancelled : error
        } catch {
            throw .interrupted
        }
    }
}
