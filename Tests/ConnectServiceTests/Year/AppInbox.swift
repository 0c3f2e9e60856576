import ConnectService
import Encodings
import OAuth
import Synchronization

/// An app that gets webhooks, is down at times, and looks at their order.
final class AppInbox: Sendable {
    private struct State {
        var isDown = false
        var sentCount = 0
        /// Of messages that were taken, by their connections.
        var types: [String: [String]] = [:]
        var taken: Set<String> = []
        /// The message that each connection's app could not take yet.
        var waiting: [String: String] = [:]
        var faults: [String] = []
    }

    private let state = Mutex(State())

    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    /// How many requests came, doubles and refused ones among them.
    var sentCount: Int { state.withLock { $0.sentCount } }
    /// What was wrong with the order.
    var faults: [String] { state.withLock { $0.faults } }

    /// The types of the messages about a connection, each once, in the order in which they came.
    func types(of connectionID: String) -> [String] { state.withLock { $0.types[connectionID] ?? [] } }

    func take(_ request: ProviderRequest) -> WebhookResult {
        let id = request.headers.first { $0.name == "webhook-id" }?.value ?? ""
        guard let (type, connectionID) = Self.read(request.body) else {
            state.withLock { $0.faults.append("a message of \(request.body.count) octets cannot be read") }
            return .failed("status 400")
        }
        return state.withLock { state in
            state.sentCount += 1
            if let earlier = state.waiting[connectionID], earlier != id {
                state.faults.append("\(type) of \(connectionID) overtook a message that was not taken")
            }
            guard !state.isDown else {
                state.waiting[connectionID] = id
                return .failed("status 503")
            }
            state.waiting[connectionID] = nil
            if state.taken.insert(id).inserted { state.types[connectionID, default: []].append(type) }
            return .delivered
        }
    }

    private static func read(_ body: [UInt8]) -> (type: String, connectionID: String)? {
        do {
            guard case .object(let message) = try JSONValue.parse(body),
                case .string(let type) = message["type"], case .object(let data) = message["data"],
                case .object(let connection) = data["connection"], case .string(let id) = connection["id"]
            else { return nil }
            return (type, id)
        } catch {
            return nil
        }
    }
}
