import Dispatch
import Encodings
import Integrations
import NIOCore
import NIOSSL
import OAuth
import Synchronization
import Testing

@testable import OAuthHTTP

@Suite("HostResolver", .timeLimit(.minutes(1))) struct HostResolverTests {
    /// A name server that answers when it is told to.
    private final class NameServer: Sendable {
        let isRejecting = Atomic(false)
        private let asked = Mutex<[String]>([])
        private let gate = DispatchSemaphore(value: 0)

        var hosts: [String] { asked.withLock { $0 } }

        func open() { for _ in 0..<100 { gate.signal() } }

        @Sendable func lookUp(_ host: String) -> [IPAddress] {
            asked.withLock { $0.append(host) }
            if host.hasPrefix("slow") { gate.wait() }
            return [.v4([127, 0, 0, 1])]
        }

        /// Waits until so many hosts were asked for.
        func wait(for count: Int) async { while hosts.count < count { await Task.yield() } }
    }

    private func resolver(_ server: NameServer, threadCount: Int = 1, hostLimit: Int = 10) -> HostResolver {
        HostResolver(threadCount: threadCount, hostLimit: hostLimit, lookUp: server.lookUp)
    }

    @Test func `those that wait for a host share one look-up`() async throws {
        let server = NameServer()
        let resolver = resolver(server)
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await resolver.resolve("slow.test", timeout: .seconds(60)).count }
            await server.wait(for: 1)
            // One that gives up takes nothing from the other.
            await #expect(throws: ProviderRequestError.unresolved) {
                try await resolver.resolve("slow.test", timeout: .milliseconds(1))
            }
            server.open()
            let count = try await group.reduce(0, +)
            #expect(count == 1)
        }
        #expect(server.hosts == ["slow.test"])
        #expect(try await resolver.resolve("slow.test", timeout: .seconds(60)).count == 1)
        #expect(server.hosts.count == 2)
        await resolver.shutdown()
    }

    @Test func `S28 a host that none waits for any more is not looked up`() async throws {
        let server = NameServer()
        let resolver = resolver(server)
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await resolver.resolve("slow.test", timeout: .seconds(60)).count }
            await server.wait(for: 1)
            for index in 0..<5 {
                await #expect(throws: ProviderRequestError.unresolved) {
                    try await resolver.resolve("given-up-\(index).test", timeout: .milliseconds(1))
                }
            }
            server.open()
            let count = try await group.reduce(0, +)
            #expect(count == 1)
        }
        #expect(try await resolver.resolve("wanted.test", timeout: .seconds(60)).count == 1)
        #expect(server.hosts == ["slow.test", "wanted.test"])
        await resolver.shutdown()
    }

    @Test func `S28 a host too many is rejected at once`() async throws {
        let server = NameServer()
        let resolver = resolver(server, hostLimit: 2)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: Never.self) {
                    try await resolver.resolve("slow.test", timeout: .seconds(60))
                }
            }
            await server.wait(for: 1)
            // It waits for the thread, though its caller does not wait for it.
            await #expect(throws: ProviderRequestError.unresolved) {
                try await resolver.resolve("second.test", timeout: .milliseconds(1))
            }
            #expect(resolver.hostCount == 2)
            group.addTask {
                await #expect(throws: ProviderRequestError.unresolved) {
                    try await resolver.resolve("third.test", timeout: .seconds(60))
                }
                server.isRejecting.store(true, ordering: .relaxed)
            }
            while !server.isRejecting.load(ordering: .relaxed), resolver.hostCount < 3 { await Task.yield() }
            server.open()
        }
        await resolver.shutdown()
        #expect(!server.hosts.contains("third.test"))
    }

    @Test func `S28 slow hosts that callers name hold up none of the operator's`() async throws {
        let names = NameServer()
        let server = try await TestServer()
        let client = ProviderHTTPClient(
            ProviderHTTPConfiguration(
                timeout: .seconds(40), connectTimeout: .seconds(30), allowsInsecureLoopback: true),
            tlsConfiguration: .makeClientConfiguration(),
            resolver: resolver(names), callersResolver: resolver(names), resolve: nil)
        let url = server.url("/ok", host: "localhost")
        await withTaskGroup(of: Void.self) { group in
            var slow = ProviderRequest(method: .get, url: "https://slow.test/", headers: [], body: [])
            slow.isHostNamedByCaller = true
            group.addTask { [slow] in
                await #expect(throws: ProviderRequestError.self) {
                    try await client.send(slow, as: .exchange)
                }
            }
            await names.wait(for: 1)
            let request = ProviderRequest(method: .get, url: url, headers: [], body: [])
            await #expect(throws: Never.self) { try await client.send(request, as: .exchange) }
            names.open()
        }
        await client.shutdown()
        try await server.close()
    }
}
