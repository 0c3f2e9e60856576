package import Connections
package import StateTokens
internal import Synchronization

/// What happened to the latest flows since their callbacks came, for the page of development mode.
///
/// In memory, bounded, and never in production, where a flow leaves nothing but its row. It begins with the callback, for
/// all before that is in the authorization URL and the state; so initiate writes nothing here, either. It has no member
/// that a code, a verifier or a token would fit into.
package final class FlowJournal: Sendable {
    package struct Entry: Sendable, Equatable {
        package let time: Timestamp
        package let step: FlowStep
    }

    private struct Content {
        var entries: [FlowID: [Entry]] = [:]
        /// The flows, the oldest first.
        var order: [FlowID] = []
    }

    /// Limits of flows, and of steps for each: one callback can be sent any number of times.
    static let flowLimit = 64
    static let stepLimit = 32

    private let content = Mutex(Content())
    private let now: @Sendable () -> Timestamp

    package init(now: @escaping @Sendable () -> Timestamp = { .now() }) { self.now = now }

    package func note(_ step: FlowStep, of flow: FlowID) {
        let entry = Entry(time: now(), step: step)
        content.withLock { content in
            if content.entries[flow] == nil {
                content.order.append(flow)
                if content.order.count > Self.flowLimit {
                    content.entries[content.order.removeFirst()] = nil
                }
            }
            guard content.entries[flow, default: []].count < Self.stepLimit else { return }
            content.entries[flow, default: []].append(entry)
        }
    }

    /// The steps of a flow, in order.
    package func entries(of flow: FlowID) -> [Entry] {
        content.withLock { $0.entries[flow] ?? [] }
    }
}

/// Something that happened to a flow after its callback came.
package enum FlowStep: Sendable, Equatable {
    /// A state was opened and all checks passed; how long that took.
    case opened(Duration)
    /// The provider's error, or a check, ended the flow.
    case ended(FlowFailure)
    /// Confirm mode: the app got a ticket, to hand in from its user's session.
    case handedOver
    /// Our page asks the user.
    case asked
    /// The flow's row was written.
    case claimed
    /// The code goes to the token endpoint.
    case tokenRequest(endpoint: String, authentication: String, sendsVerifier: Bool)
    case tokenResponse(status: Int, Duration)
    /// The connection is committed.
    case connected(ConnectionID)
    case failed(FlowFailure)
}

extension FlowStep {
    init(_ result: FlowResult) {
        self =
            switch result {
            case .success(let id): .connected(id)
            case .failure(let failure): .failed(failure)
            }
    }
}

extension FlowJournal {
    /// - Parameter duration: how long the verification took.
    package func note(_ result: CallbackResult, after duration: Duration) {
        switch result {
        case .refused: break
        case .authorized(let flow): note(.opened(duration), of: flow.verified.flowID)
        case .handedOver(let destination, _):
            note(.opened(duration), of: destination.flowID)
            note(.handedOver, of: destination.flowID)
        case .asked(let question):
            note(.opened(duration), of: question.destination.flowID)
            note(.asked, of: question.destination.flowID)
        case .ended(let destination, let failure):
            note(.opened(duration), of: destination.flowID)
            note(.ended(failure), of: destination.flowID)
        }
    }
}
