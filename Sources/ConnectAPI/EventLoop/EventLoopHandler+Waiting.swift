package import NIOCore

/// Answers that come when a store has read something, or a flow has come to its end.
///
/// Meanwhile nothing more is read from the connection, and what was read already waits here: its requests are answered in
/// their order, and what may close the connection comes after them.
extension EventLoopHandler {
    /// A request whose answer comes later.
    final class Waiting {
        let held: Held
        let end: NIOAny
        /// What came behind it.
        var inbound: [Inbound] = []
        var isReadDue = false
        /// The server behind takes the connection for idle, since it has not seen the request.
        var isCloseDue = false

        init(_ held: Held, end: NIOAny) {
            self.held = held
            self.end = end
        }

        enum Inbound {
            case part(NIOAny)
            case event(Any)
            case error(any Error)
        }
    }

    /// - Returns: `false` if no answer is waited for.
    func holdsBack(_ inbound: Waiting.Inbound) -> Bool {
        guard let waiting else { return false }
        waiting.inbound.append(inbound)
        return true
    }

    package func read(context: ChannelHandlerContext) {
        if let waiting {
            waiting.isReadDue = true
        } else {
            context.read()
        }
    }

    /// Who wants to know when the connection is closed does not wait for the answer.
    package func close(
        context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
    ) {
        if let waiting, mode == .all, promise == nil {
            waiting.isCloseDue = true
        } else {
            context.close(mode: mode, promise: promise)
        }
    }

    /// Does what became of a request.
    func settle(_ answer: ImmediateResponse, _ held: Held, end: NIOAny, _ context: ChannelHandlerContext) {
        switch answer {
        case .answer(let answer):
            write(answer, held.id, context)
        case .handOver(let admitted):
            handedOver.leave(admitted)
            forward(held, end: end, context)
        case .later(let later):
            wait(for: later, held, end: end, context)
        }
    }

    private func wait(
        for later: DeferredResponse, _ held: Held, end: NIOAny, _ context: ChannelHandlerContext
    ) {
        let waiting = Waiting(held, end: end)
        self.waiting = waiting
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound((handler: self, waiting: waiting, context: context), eventLoop: eventLoop)
        let instead = later.begin { conclusion in
            eventLoop.execute {
                let answer = conclusion()
                bound.value.handler.resume(bound.value.waiting, with: answer, bound.value.context)
            }
        }
        if let instead {
            self.waiting = nil
            settle(instead, held, end: end, context)
        }
    }

    private func resume(_ waited: Waiting, with answer: ImmediateResponse, _ context: ChannelHandlerContext) {
        // The connection may have ended.
        guard waiting === waited else { return }
        waiting = nil
        settle(answer, waited.held, end: waited.end, context)
        for inbound in waited.inbound {
            switch inbound {
            case .part(let data): channelRead(context: context, data: data)
            case .event(let event): userInboundEventTriggered(context: context, event: event)
            case .error(let error): errorCaught(context: context, error: error)
            }
        }
        // The server behind takes parts when a read is complete.
        channelReadComplete(context: context)
        if waited.isReadDue { read(context: context) }
        guard waited.isCloseDue, case .answer = answer else { return }
        flush(context: context)
        close(context: context, mode: .all, promise: nil)
    }
}
