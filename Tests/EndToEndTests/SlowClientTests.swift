import Foundation
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// Clients that cost much and ask for nothing: the service goes on serving others.
@Suite("Slow clients", .timeLimit(.minutes(3)), .serialized) struct SlowClientTests {
    /// The time that a request by somebody else takes.
    private func others(_ server: SymbolonServer) async throws -> Duration {
        let start = ContinuousClock.now
        let answer = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: server.apiKey())
        #expect(answer.status == 200)
        return start.duration(to: .now)
    }

    private func wait(_ limit: Duration, until isDone: () -> Bool) async throws -> Duration {
        let start = ContinuousClock.now
        while !isDone(), start.duration(to: .now) < limit { try await Task.sleep(for: .milliseconds(200)) }
        return start.duration(to: .now)
    }

    @Test func `S28 who sends a byte a second, or nothing, is cut off`() async throws {
        let server = try await SymbolonServer.start()
        let header = try RawConnection(port: server.port)
        let body = try RawConnection(port: server.port)
        let silent = try RawConnection(port: server.port)
        header.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        let key = try server.apiKey()
        body.send(
            "POST /api/v1/oauth/initiate HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nX-API-Key: \(key)\r\n"
                + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        var ends: [String: Duration] = [:]
        let start = ContinuousClock.now
        while ends.count < 3, start.duration(to: .now) < .seconds(40) {
            try await Task.sleep(for: .seconds(1))
            for (name, client) in [("header", header), ("body", body), ("silent", silent)]
            where ends[name] == nil {
                if client.isClosed {
                    ends[name] = start.duration(to: .now)
                } else if name != "silent" {
                    client.send(" ")
                }
            }
            #expect(try await others(server) < .seconds(2))
        }
        #expect(ends["header"] ?? .seconds(99) < .seconds(20), "\(ends)")
        #expect(ends["silent"] ?? .seconds(99) < .seconds(20), "\(ends)")
        #expect(ends["body"] ?? .seconds(99) < .seconds(25), "\(ends)")
        await server.stop()
    }

    @Test func `S28 who never reads is cut off, and costs a bounded amount`() async throws {
        let server = try await SymbolonServer.start()
        let client = try RawConnection(port: server.port)
        let request = "GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\r\n"
        let many = String(repeating: request, count: 2_000)
        let before = try memory(of: server)
        let sent = client.send(many)
        #expect(try await others(server) < .seconds(2))
        let end = try await wait(.seconds(45)) { client.isClosedUnread }
        #expect(end < .seconds(45))
        let growth = try memory(of: server) - before
        #expect(growth < 64 << 10, "\(growth) kB for \(sent) octets")
        await server.stop()
    }

    @Test func `S28 five thousand connections leave room for others`() async throws {
        var limit = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let count = min(5_000, Int(clamping: limit.rlim_max) - 500)
        let server = try await SymbolonServer.start()
        let before = try memory(of: server)
        var clients: [RawConnection] = []
        for _ in 0..<count { clients.append(try RawConnection(port: server.port)) }
        var slowest: Duration = .zero
        for _ in 0..<50 { slowest = max(slowest, try await others(server)) }
        #expect(slowest < .seconds(2), "\(slowest)")
        let growth = try memory(of: server) - before
        print("\(count) connections: \(growth) kB, slowest of 50 initiates \(slowest)")
        #expect(growth < 400 << 10)
        // None of them has sent anything: all are gone after the time for a header.
        let end = try await wait(.seconds(40)) { clients.allSatisfy(\.isClosed) }
        #expect(end < .seconds(40))
        #expect(try await others(server) < .seconds(1))
        await server.stop()
    }

    /// Resident memory in kB.
    private func memory(of server: SymbolonServer) throws -> Int {
        let status = try String(
            contentsOfFile: "/proc/\(server.process.processIdentifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
    }
}
