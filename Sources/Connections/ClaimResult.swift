/// What a callback may do with the code that it brought.
package enum ClaimResult: Sendable, Hashable {
    /// Send the code, once, within the lease.
    case claimed
    /// A lease is running, for this code or for another one. Wait.
    case pending(sameCode: Bool)
    /// This very code was used before, and this is what became of it.
    case finished(FlowResult)
    /// The flow has ended, or used up its codes, without this code: it gets to know nothing else.
    case over
}
