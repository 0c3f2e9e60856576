package import StateTokens

/// Shows the steps of a flow to the holder of its state, in development mode only.
package struct FlowTracing: Sendable {
    package let journal: FlowJournal
    /// The name of this process among replicas.
    package let replica: String
    private let codec: StateTokenCodec

    package init(journal: FlowJournal, replica: String, codec: StateTokenCodec) {
        self.journal = journal
        self.replica = replica
        self.codec = codec
    }

    /// What the state carries and what happened to its flow; `nil` for a state that is not authentic, or another
    /// workspace's.
    package func trace(of state: String, workspaceID: String) -> FlowTrace? {
        let verified: VerifiedState
        do throws(StateTokenError) {
            verified = try codec.verify(state)
        } catch .expired(let expired) {
            verified = expired
        } catch {
            return nil
        }
        guard verified.state.workspaceID.utf8.elementsEqual(workspaceID.utf8) else { return nil }
        return FlowTrace(verified: verified, entries: journal.entries(of: verified.flowID))
    }
}

package struct FlowTrace: Sendable {
    package let verified: VerifiedState
    package let entries: [FlowJournal.Entry]
}
