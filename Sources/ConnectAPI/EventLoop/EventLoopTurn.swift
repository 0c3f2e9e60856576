internal import ConnectService
package import NIOCore
internal import NIOPosix
internal import StateTokens

/// Collects work and runs it once, at the end of this event loop tick, after every readable socket was read.
///
/// Responses sent together at the end of a tick cost less than each by itself: their clients wake once, and the audit
/// log's writer is told once. All of it happens on that event loop.
package final class EventLoopTurn: Sendable {
    private struct State {
        var left: [() -> Void] = []
        var date = DateField(.now())
        var requestIDs = RequestIDs()
    }

    private static let ofThread = ThreadSpecificVariable<EventLoopTurn>()

    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    package init(of eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        state = NIOLoopBoundBox(State(), eventLoop: eventLoop)
    }

    /// That of the event loop that is running, which is the one of its thread.
    static func current(of eventLoop: any EventLoop) -> EventLoopTurn {
        if let turn = ofThread.currentValue { return turn }
        let turn = EventLoopTurn(of: eventLoop)
        ofThread.currentValue = turn
        return turn
    }

    /// The `Date` of answers.
    var date: String { state.value.date.text(at: .now()) }

    /// The id of a request that brought none.
    func nextRequestID() -> RequestIdentifier { state.value.requestIDs.next() }

    /// Does `action` when everything that was read in this turn is seen to.
    package func atEnd(_ action: @escaping () -> Void) {
        state.value.left.append(action)
        if state.value.left.count == 1 { eventLoop.execute { self.end() } }
    }

    private func end() {
        var actions: [() -> Void] = []
        swap(&actions, &state.value.left)
        for action in actions { action() }
    }
}
