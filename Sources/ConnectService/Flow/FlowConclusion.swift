package import Connections

/// What a callback's code came to.
package enum FlowConclusion: Sendable, Equatable {
    /// The flow's outcome: the first one's, for every delivery of the same code.
    case outcome(FlowOutcome)
    /// Another delivery is still at it.
    case working
    /// The flow ended without this code, whose holder learns nothing else.
    case over
    /// The store cannot be reached. The same callback may come again: its code is sent once at most.
    case storeUnavailable
}
