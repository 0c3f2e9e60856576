package import Connections

/// What a callback's code came to.
package enum CompletionResult: Sendable, Equatable {
    /// The flow has ended. Every delivery of the same code gets the first one's result.
    case finished(FlowResult)
    /// Another delivery is still being exchanged.
    case working
    /// The provider cannot be reached, and has seen nothing of the code. The same callback may come again.
    case notSent
    /// The flow ended without this code. Its holder learns nothing else.
    case over
    /// The store cannot be reached. The same callback may come again: its code is sent once at most.
    case storeUnavailable
}
