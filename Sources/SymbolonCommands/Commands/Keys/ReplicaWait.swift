import AsyncHTTPClient
import Keyrings
import StateTokens

/// Waits until every replica has a ring in force.
struct ReplicaWait {
    private let replicas: [Replica]
    private let timeout: Duration

    init(_ replicas: [Replica], timeout: Duration) {
        self.replicas = replicas
        self.timeout = timeout
    }

    /// - Throws: ``CommandError`` that names those which do not have it in time.
    func wait(for keyring: Keyring, keyID: KeyID) async throws(CommandError) {
        let digest = keyring.digest
        let end = ContinuousClock.now + timeout
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        var lagging: [(Replica, ReplicaDigest)] = []
        Console.note(
            "Key \(keyID) is published. Waiting for digest \(digest) at "
                + replicas.map(\.url).joined(separator: ", "))
        while true {
            let found = await ask(keyring.purpose, client)
            let next = found.filter { !$0.1.isKnown(digest) }
            if next.count != lagging.count, !next.isEmpty {
                Console.note("\(replicas.count - next.count) of \(replicas.count) replicas have it.")
            }
            lagging = next
            guard !lagging.isEmpty, ContinuousClock.now < end else { break }
            do {
                try await Task.sleep(for: .milliseconds(500))
            } catch {
                break
            }
        }
        await shutDown(client)
        guard lagging.isEmpty else { throw Self.error(lagging, keyID: keyID) }
        Console.note("All have it.")
    }

    /// All at once, so that one that hangs does not hide the others; in the order in which they were named.
    private func ask(_ purpose: Keyring.Purpose, _ client: HTTPClient) async -> [(Replica, ReplicaDigest)] {
        await withTaskGroup(of: (Int, ReplicaDigest).self) { group in
            for (index, replica) in replicas.enumerated() {
                group.addTask { (index, await ReplicaDigest.ask(replica, purpose: purpose, client)) }
            }
            var digests = replicas.map { ($0, ReplicaDigest.unknown(reason: "was not asked")) }
            for await (index, digest) in group { digests[index].1 = digest }
            return digests
        }
    }

    private func shutDown(_ client: HTTPClient) async {
        do {
            try await client.shutdown()
        } catch {
            Console.warn("the HTTP client did not end: \(error)")
        }
    }

    private static func error(_ lagging: [(Replica, ReplicaDigest)], keyID: KeyID) -> CommandError {
        let names = lagging.map { replica, digest in "\(replica.url) \(digest.explanation)" }
        return CommandError(
            .unavailable,
            "not every replica has the ring:\n" + names.map { "  \($0)" }.joined(separator: "\n")
                + "\nNothing was scheduled. Key \(keyID) stays published, and the old key seals: bring these "
                + "replicas up to date, and run the same command again")
    }
}

extension ReplicaDigest {
    func isKnown(_ digest: String) -> Bool {
        guard case .known(let found, _) = self else { return false }
        return found == digest
    }

    fileprivate var explanation: String {
        switch self {
        case .known(let digest, let problem?): "has digest \(digest), and a problem: \(problem)"
        case .known(let digest, nil): "has digest \(digest)"
        case .unknown(let reason): reason
        }
    }
}
