import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import StateTokens

/// Which ring a replica has in force, as far as it says.
enum ReplicaDigest: Equatable {
    case known(String, problem: String?)
    case unknown(reason: String)

    /// Asks a replica's `/readyz`; its status does not matter, for one that cannot seal has a ring all the same.
    static func ask(_ replica: Replica, purpose: Keyring.Purpose, _ client: HTTPClient) async -> ReplicaDigest
    {
        do {
            let request = HTTPClientRequest(url: replica.readinessURL)
            let answer = try await client.execute(request, timeout: .seconds(5))
            let body = try await answer.body.collect(upTo: 1 << 20)
            return read(Array(body.readableBytesView), purpose: purpose)
                ?? .unknown(reason: "answers, but not as /readyz does")
        } catch {
            return .unknown(reason: "does not answer: \(String(describing: error).prefix(200))")
        }
    }

    /// What the answer says of the ring; `nil` if it is not one of `/readyz`.
    static func read(_ json: [UInt8], purpose: Keyring.Purpose) -> ReplicaDigest? {
        do {
            let answer = try JSONDecoder().decode(Answer.self, from: Data(json))
            return answer.keyrings[purpose.rawValue].map { .known($0.digest, problem: $0.problem) }
        } catch {
            return nil
        }
    }

    private struct Answer: Decodable {
        struct Ring: Decodable {
            let digest: String
            let problem: String?
        }
        let keyrings: [String: Ring]
    }
}
