internal import Connections
internal import StateTokens

/// Where deliveries wait that came second: one poller for each flow and code, however many wait, which holds no
/// connection of the store. A flow has three pollers at most; other codes that come meanwhile do not wait.
actor FlowWaitingRoom<Store: ConnectionStore> {
    private struct Wait: Hashable {
        let flow: FlowID
        let codeHash: CodeHash
    }

    /// After this the answer is a page that reloads itself.
    private static var patience: Duration { .seconds(25) }
    private static var pollLimit: Int { 3 }

    private let store: Store
    private var polls: [Wait: Task<FlowProgress?, Never>] = [:]

    init(_ store: Store) { self.store = store }

    /// What became of the flow, or `.pending` after 25 seconds; `nil` if the store cannot be reached.
    func progress(of flow: FlowID, codeHash: CodeHash) async -> FlowProgress? {
        let wait = Wait(flow: flow, codeHash: codeHash)
        if let poll = polls[wait] { return await poll.value }
        guard polls.keys.count(where: { $0.flow == flow }) < Self.pollLimit else {
            return .pending(sameCode: false)
        }
        let poll = Task { await self.poll(wait) }
        polls[wait] = poll
        let progress = await poll.value
        polls[wait] = nil
        return progress
    }

    private func poll(_ wait: Wait) async -> FlowProgress? {
        let end = ContinuousClock.now + Self.patience
        var interval: Duration = .milliseconds(50)
        while true {
            do throws(StoreError) {
                let progress = try await store.progress(of: wait.flow, codeHash: wait.codeHash)
                guard case .pending = progress, ContinuousClock.now < end else { return progress }
            } catch {
                return nil
            }
            do {
                try await Task.sleep(for: interval)
            } catch {
                return .pending(sameCode: true)
            }
            interval = min(interval * 2, .seconds(1))
        }
    }
}
