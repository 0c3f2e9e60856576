import AsyncHTTPClient
import Foundation
import Keyrings
import NIOHTTP1
import TestSupport
import Testing

@testable import SymbolonCommands

/// What a Prometheus scraper reads.
@Suite("Metrics", .timeLimit(.minutes(2))) struct MetricsTests {
    @Test func `the main listener shows them to an admin's credential only`() async throws {
        let server = try await SymbolonServer.start()
        #expect(try await server.send(.GET, "/metrics").status == 401)
        let answer = try await server.send(.GET, "/metrics", key: server.apiKey())
        #expect(answer.status == 200)
        #expect(answer.headers.first(name: "content-type") == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer.body.contains(#"symbolon_access_refusals_total{reason="invalid_credential"} 1"#))
        await server.stop()
    }

    @Test func `a listener of their own shows them to whoever reaches it, and nothing else`() async throws {
        let port = try LoopbackPort.free()
        let server = try await SymbolonServer.start(environment: ["SYMBOLON_METRICS_LISTEN_PORT": "\(port)"])
        try await server.process.waitForOK("http://127.0.0.1:\(port)/metrics")
        let other = HTTPClientRequest(url: "http://127.0.0.1:\(port)/api/v1/connections")
        #expect(try await Answer(to: other).status == 404)
        await server.stop()
    }

    @Test func `the sweep says how far behind it is, where it is not switched off`() async throws {
        let sweeping = try await SymbolonServer.start(environment: ["SYMBOLON_REFRESH_SWEEP": "1"])
        let key = try sweeping.apiKey()
        var text = ""
        try await eventually("it has looked") {
            text = try await sweeping.send(.GET, "/metrics", key: key).body
            return text.contains("\nsymbolon_sweep_due 0\n")
        }
        #expect(text.contains("\nsymbolon_sweep_delay_seconds 0\n"))
        await sweeping.stop()
        let idle = try await SymbolonServer.start(environment: ["SYMBOLON_REFRESH_SWEEP": "0"])
        #expect(try await !idle.send(.GET, "/metrics", key: idle.apiKey()).body.contains("symbolon_sweep"))
        await idle.stop()
    }

    @Test func `each scrape has the ring in force, and none before it`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        func rings() async throws -> Set<String> {
            let lines = try await server.send(.GET, "/metrics", key: key).body.split(separator: "\n")
            return Set(
                lines.map(String.init).filter {
                    $0.hasPrefix("symbolon_keyring_") && !$0.contains("reloads")
                })
        }
        func info(_ purpose: String, _ digest: String) -> String {
            "symbolon_keyring_info{digest=\"\(digest)\",purpose=\"\(purpose)\"} 1"
        }
        let before = try await server.ready().keyrings
        let connections = before.connections.digest
        #expect(try await rings() == [info("connections", connections), info("state", before.state.digest)])
        let next = try KeyringPlace(server).keyring().withNewKey()
        try KeyringPlace(server).replace(with: next)
        try await server.ready { $0.keyrings.state.digest == next.digest }
        let after = try await rings()
        let infos: Set = [info("connections", connections), info("state", next.digest)]
        #expect(infos.isSubset(of: after))
        // The new key seals once all replicas have had time to read it.
        let activation = try #require(after.first { $0.contains("_activation_seconds") })
        let match = try #require(
            activation.wholeMatch(of: /symbolon_keyring_activation_seconds\{purpose="state"\} (\d+)/))
        let seconds = try #require(Int(match.output.1))
        #expect((0...3_600).contains(seconds))
        #expect(after.count == 3)
        await server.stop()
    }

    @Test func `each scrape has the process's own figures and the pools`() async throws {
        let server = try await SymbolonServer.start()
        let text = try await server.send(.GET, "/metrics", key: server.apiKey()).body
        func value(_ name: String) throws -> Double {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }, "\(name)")
            return try #require(Double(line.dropFirst(name.count + 1)))
        }
        #expect(try value("process_cpu_seconds_total") > 0)
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        let open = try value("process_open_fds")
        let limit = try value("process_max_fds")
        #expect(open > 3 && open < limit)
        let start = Date(timeIntervalSince1970: try value("process_start_time_seconds"))
        #expect(abs(start.timeIntervalSinceNow) < 600)
        #expect(text.contains("\n# TYPE process_cpu_seconds_total counter\n"))
        #expect(text.contains("\nsymbolon_build_info{version=\"\(Release.version)\"} 1\n"))
        #expect(try value("symbolon_provider_requests_in_progress") == 0)
        #expect(try value("symbolon_provider_connections_idle") >= 0)
        #expect(!text.contains("symbolon_store_"), "SQLite has no pool")
        await server.stop()
    }

    @Test func `a flow counts once in each place`() async throws {
        let stage = try await ConnectStage.start()
        let id = try #require(try await stage.connect()["connection_id"])
        #expect(try await stage.send(.POST, "/api/v1/oauth/refresh/\(id)").status == 200)
        _ = try await stage.send(.POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "nowhere"}"#)
        let text = try await stage.send(.GET, "/metrics").body
        for line in [
            #"symbolon_initiates_total{outcome="success",reason=""} 1"#,
            #"symbolon_initiates_total{outcome="refused",reason="integration_not_found"} 1"#,
            "symbolon_initiate_duration_seconds_count 2",
            #"symbolon_initiate_duration_seconds_bucket{le="+Inf"} 2"#,
            #"symbolon_callbacks_total{outcome="success",reason=""} 1"#,
            #"symbolon_exchanges_total{integration="canaille",outcome="success",reason=""} 1"#,
            #"symbolon_exchange_duration_seconds_count{outcome="success"} 1"#,
            #"symbolon_exchange_duration_seconds_bucket{outcome="success",le="+Inf"} 1"#,
            #"symbolon_connections_made_total{binding="direct"} 1"#,
            #"symbolon_refreshes_total{integration="canaille",outcome="success",reason=""} 1"#,
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line) is not in \(text)")
        }
        #expect(text.contains("symbolon_callbacks_opened_total{key_id="))
        try await stage.stop()
    }

    @Test func `S28 no caller makes a label`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        func seriesCount() async throws -> Int {
            try await server.send(.GET, "/metrics", key: key).body.split(separator: "\n").count {
                $0.hasPrefix("symbolon_")
            }
        }
        func trouble(_ index: Int) async throws {
            _ = try await server.send(
                .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "x\#(index)"}"#, key: key,
                headers: ["X-Workspace-Id": index.isMultiple(of: 2) ? "wsp_\(index)" : "wsp_development"])
            _ = try await server.send(
                .GET, "/api/v1/oauth/callback/x\(index)?state=x\(index)&error=e\(index)&code=\(index)")
            _ = try await server.send(.GET, "/api/v1/x\(index)", key: "sym_\(index)")
            _ = try await server.send(.GET, "/api/v1/connections", key: "sym_\(index)")
        }
        for index in 0..<4 { try await trouble(index) }
        let before = try await seriesCount()
        for index in 4..<40 { try await trouble(index) }
        #expect(try await seriesCount() == before)
        await server.stop()
    }
}
