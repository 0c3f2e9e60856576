/// The state of a flow, as far as the holder of one code may know it.
package enum FlowProgress: Sendable, Hashable {
    /// The flow is not held, and this code may claim it.
    case free
    /// A lease is running, for this code or for another one.
    case pending(sameCode: Bool)
    /// This very code was used, and this is what became of it.
    case finished(FlowResult)
    /// The flow has ended, or used up its codes, without this code.
    case over
}
