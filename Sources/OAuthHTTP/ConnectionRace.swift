internal import Encodings

/// Connects to several addresses of one host at once, each a head start after the one before (RFC 8305 §5). The first
/// connection wins; the other attempts are given up.
struct ConnectionRace<Connection: Sendable>: Sendable {
    /// RFC 8305 §8: the recommended Connection Attempt Delay.
    var headStart: Duration = .milliseconds(250)
    /// Ends early when its task is cancelled.
    let connect: @Sendable (IPAddress) async throws -> Connection
    /// Closes a connection that came second.
    let close: @Sendable (Connection) -> Void

    private enum Event: Sendable {
        case connected(IPAddress, Connection)
        case failed
        /// Carries the number of attempts that had been started by then.
        case headStartOver(Int)
    }

    /// - Returns: nil if no address could be connected to.
    func winner(among addresses: [IPAddress]) async -> (address: IPAddress, connection: Connection)? {
        await withTaskGroup(of: Event.self) { group in
            var waiting = addresses[...]
            var startCount = 0
            var openCount = 0
            while true {
                if let address = waiting.popFirst() {
                    startCount += 1
                    openCount += 1
                    group.addTask { await event(connectingTo: address) }
                    if !waiting.isEmpty {
                        let attempt = startCount
                        group.addTask { await headStartOver(attempt) }
                    }
                }
                // Waits until the next attempt is due.
                waitForTurn: while let event = await group.next() {
                    switch event {
                    case .connected(let address, let connection):
                        group.cancelAll()
                        for await case .connected(_, let second) in group { close(second) }
                        return (address, connection)
                    case .failed:
                        openCount -= 1
                        // One that fails does not use up its head start.
                        if !waiting.isEmpty { break waitForTurn }
                        if openCount == 0 {
                            group.cancelAll()
                            return nil
                        }
                    case .headStartOver(let attempt):
                        if attempt == startCount, !waiting.isEmpty { break waitForTurn }
                    }
                }
                if waiting.isEmpty, openCount == 0 { return nil }
            }
        }
    }

    private func event(connectingTo address: IPAddress) async -> Event {
        do {
            return .connected(address, try await connect(address))
        } catch {
            return .failed
        }
    }

    private func headStartOver(_ attempt: Int) async -> Event {
        do {
            try await Task.sleep(for: headStart)
        } catch {
            // Cancelled: the race is over.
        }
        return .headStartOver(attempt)
    }
}
