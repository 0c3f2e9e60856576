/// A state that was authentic: only ``StateTokenCodec/verify(_:at:)`` makes one.
public struct VerifiedState: Sendable, Equatable {
    public let state: FlowState
    public let flowID: FlowID
    /// The key that it was sealed with.
    public let keyID: KeyID

    init(state: FlowState, flowID: FlowID, keyID: KeyID) {
        self.state = state
        self.flowID = flowID
        self.keyID = keyID
    }
}

/// A state token with the flow that it names.
public struct StateToken: Sendable, Equatable {
    /// The value of the `state` parameter: `A-Z a-z 0-9 - _`, at most 1436 characters.
    public let text: String
    public let flowID: FlowID
}
