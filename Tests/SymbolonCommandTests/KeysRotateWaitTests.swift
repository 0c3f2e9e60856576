import Foundation
import Keyrings
import StateTokens
import Synchronization
import TestSupport
import Testing

@Suite("symbolon keys rotate --wait") struct KeysRotateWaitTests {
    let samples: RingSamples
    var folder: TemporaryFolder { samples.folder }

    init() throws { samples = try RingSamples() }

    /// A replica that has the file's ring in force once it was asked so many times.
    private func replica(after requests: Int = 0) throws -> ReadinessStub {
        let asked = Mutex(0)
        let path = folder.path
        return try ReadinessStub {
            let count = asked.withLock { asked in
                asked += 1
                return asked
            }
            guard count > requests else { return "0000" }
            do {
                return try KeyringFile.load(path, purpose: .state).digest
            } catch {
                return nil
            }
        }
    }

    @Test func `when all replicas have the key it is scheduled, and seals after the skew`() async throws {
        try samples.write(RingSamples.key(1))
        let replicas = [try replica(), try replica(after: 2)]
        let before = Timestamp.now()
        let run = try await samples.keys(
            "rotate", "--wait", replicas[0].url, "--wait", replicas[1].url + "/", "--json")
        #expect(run.status == 0)
        #expect(run.errors.contains("is published"))
        #expect(run.errors.contains("All have it"))
        let ring = try samples.ring()
        let key = try #require(ring.keys.first { $0.id != RingSamples.id(1) })
        let activates = try #require(key.activates)
        #expect(activates >= before + .seconds(60))
        #expect(activates <= .now() + .seconds(61))
        let json = try run.json
        #expect((json["written"] as? Bool, json["new"] as? Bool) == (true, true))
        #expect(json["key"] as? String == key.id.description)
        #expect((json["timeline"] as? [String: Any])?["seals"] as? String == activates.rfc3339)
        #expect(json["digest"] as? String == ring.digest)
    }

    @Test func `after waiting the report says that all have it, and by when they need the second write`()
        async throws
    {
        try samples.write(RingSamples.key(1))
        let replica = try replica()
        let run = try await samples.keys("rotate", "--wait", replica.url)
        #expect(run.status == 0)
        #expect(run.output.contains(/all replicas +have it\n/) && !run.output.contains("have it by"))
        let seals = try #require(samples.ring().keys.compactMap(\.activates).max())
        #expect(run.errors.contains("Give every replica the file again by \(seals.rfc3339)"))
    }

    @Test func `a replica that lags is named, and nothing is scheduled`() async throws {
        try samples.write(RingSamples.key(1))
        let (good, late) = (try replica(), try replica(after: 1_000_000))
        let run = try await samples.keys(
            "rotate", "--wait", good.url, late.url, "--wait-timeout", "1")
        #expect(run.status == 4)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("\(late.url) has digest 0000"))
        #expect(!run.errors.contains("\(good.url) has"))
        #expect(run.errors.contains("Nothing was scheduled"))
        let ring = try samples.ring()
        let key = try #require(ring.keys.first { $0.id != RingSamples.id(1) })
        #expect(key.activates == nil)
        #expect(ring.sealingKey(at: .now() + .seconds(100_000))?.id == RingSamples.id(1))
        // Run again when it is up to date, the same key is scheduled.
        let again = try await samples.keys("rotate", "--wait", good.url, "--json")
        #expect(try again.json["key"] as? String == key.id.description)
        #expect(try again.json["new"] as? Bool == false)
        #expect(try samples.ring()[key.id]?.activates != nil)
        #expect(try samples.ring().keys.count == 2)
    }

    @Test func `a replica that does not answer, or answers something else, is named`() async throws {
        try samples.write(RingSamples.key(1))
        let other = try ReadinessStub { nil }
        let closed = "http://127.0.0.1:\(try closedPort())"
        let run = try await samples.keys(
            "rotate", "--wait", other.url, "--wait", closed, "--wait-timeout", "0")
        #expect(run.status == 4)
        #expect(run.errors.contains("\(other.url) answers, but not as /readyz does"))
        #expect(run.errors.contains("\(closed) does not answer"))
    }

    @Test func `what was changed between the two writes is not scheduled`() async throws {
        try samples.write(RingSamples.key(1))
        let path = folder.path(of: "state.keyring")
        let stub = try ReadinessStub {
            do {
                let digest = try KeyringFile.load(path, purpose: .state).digest
                try KeyringFile.update(path, purpose: .state) { ring throws(KeyringChangeError) in
                    try ring.disabled([RingSamples.id(1)], at: .now())
                }
                return digest
            } catch {
                return nil
            }
        }
        let run = try await samples.keys("rotate", "--wait", stub.url)
        #expect(run.status == 1)
        #expect(run.errors.contains("changed by another command"))
        #expect(try samples.ring().keys.count == 2)
    }

    @Test func `a key that has its time needs no replica`() async throws {
        try samples.write(RingSamples.key(1), RingSamples.key(2, activates: 5000))
        let run = try await samples.keys("rotate", "--wait", "http://127.0.0.1:9", "--json")
        #expect(run.status == 0)
        #expect(try run.json["key"] as? String == "00000002")
        #expect(try run.json["written"] as? Bool == false)
        #expect(run.errors.contains("is scheduled already and seals from "))
        #expect(run.errors.contains("the replicas were not asked"))
    }

    @Test func `a key that was published and not scheduled is scheduled without waiting by a plain rotation`()
        async throws
    {
        try samples.write(RingSamples.key(1), RingSamples.key(2, activates: nil))
        let run = try await samples.keys("rotate", "--json")
        #expect(run.status == 0)
        #expect(try run.json["key"] as? String == "00000002")
        #expect((try run.json["written"] as? Bool, try run.json["new"] as? Bool) == (true, false))
        let activates = try #require(samples.ring()[RingSamples.id(2)]?.activates)
        #expect(activates >= .now() + .seconds(600))
    }

    @Test(arguments: [
        "127.0.0.1:8080", "ftp://a.example", "http://", "http://u:p@a.example", "http://a.example?x=1", "",
    ]) func `what is no URL of a replica is wrong usage`(_ url: String) async throws {
        try samples.write(RingSamples.key(1))
        let run = try await samples.keys("rotate", "--wait", url)
        #expect(run.status == 2)
        #expect(try samples.ring().keys.count == 1)
    }

    private func closedPort() throws -> Int {
        let stub = try ReadinessStub { nil }
        return stub.port
    }
}
