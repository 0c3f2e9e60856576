import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The shipped files for HAProxy and nginx under attack, through the programs themselves.
@Suite("Shipped proxies under attack", .timeLimit(.minutes(3))) struct ProxyAttackTests {
    private static let elsewhere = BalancedStage.elsewhere

    /// What a client may say of its own address; none of it counts.
    static let claims: [[String]] = [
        ["X-Forwarded-For: \(elsewhere)"], ["X-Forwarded-For: \(elsewhere), 127.0.0.1"],
        ["X-Forwarded-For: 127.0.0.1, \(elsewhere)"], ["X-Forwarded-For: \(elsewhere):443"],
        ["X-Forwarded-For: \(elsewhere)", "X-Forwarded-For: \(elsewhere)"],
        ["x-forwarded-for: \(elsewhere)", "X-FORWARDED-FOR: \(elsewhere)"],
        ["X-Forwarded-For: ::ffff:\(elsewhere)"],
        ["Forwarded: for=\(elsewhere)"], ["Forwarded: for=\"\(elsewhere):443\";proto=https"],
        ["Forwarded: for=\(elsewhere), for=127.0.0.1"],
        ["Forwarded: for=127.0.0.1", "Forwarded: for=\(elsewhere)"],
        ["X-Forwarded-For:", "Forwarded: for=\(elsewhere)"], ["X-Real-IP: \(elsewhere)"],
        ["X_Forwarded_For: \(elsewhere)"],
        ["X-Client-IP: \(elsewhere)", "True-Client-IP: \(elsewhere)", "CF-Connecting-IP: \(elsewhere)"],
        ["Connection: X-Forwarded-For", "X-Forwarded-For: \(elsewhere)"],
        ["Connection: close, Forwarded", "Forwarded: for=\(elsewhere)"],
    ]

    @Test(arguments: LoadBalancer.allCases, ["--http1.1", "--http2"])
    func `S48 a client cannot choose its address`(_ kind: LoadBalancer, _ version: String) async throws {
        let stage = try await BalancedStage(kind)
        // The key is good where a trusted proxy says so.
        let direct = try await stage.replicas[0].send(
            .GET, "/api/v1/connections", key: stage.boundKey, headers: ["X-Forwarded-For": Self.elsewhere])
        #expect(direct.status == 200, "\(direct.body)")
        // HTTP/2 has no `Connection` (RFC 9113 §8.2.2).
        for claim in Self.claims where version == "--http1.1" || !claim[0].hasPrefix("Connection") {
            let lines = claim.flatMap { ["-H", $0.hasSuffix(":") ? "\($0.dropLast());" : $0] }
            let answer = try await stage.curl(
                ["\(version)", "-H", "x-api-key: \(stage.boundKey)"] + lines, "/api/v1/connections")
            #expect((400...403).contains(answer.status), "\(claim): \(answer)")
        }
        // What a guesser costs is counted at the address that connected, and written with it.
        _ = try await stage.curl(
            [version, "-H", "x-api-key: sym_guess", "-H", "X-Forwarded-For: \(Self.elsewhere)"],
            "/api/v1/connections")
        try await stage.stop()
        // The other one was asked directly.
        #expect(try await !stage.replicas[1].log.contains("\"\(Self.elsewhere)"))
    }

    /// Ways to write a path that a server may take for `/metrics` or `/readyz`; NAME stands for it.
    static let spellings: [String] = [
        "/NAME", "//NAME", "///NAME", "/./NAME", "/.//NAME", "/NAME/", "/NAME//", "/NAME/.", "/NAME/..;/",
        "/x/../NAME",
        "/api/v1/../../NAME", "/%2e/NAME", "/x/%2e%2e/NAME", "/x/%2E%2E/NAME", "/.%2e/NAME", "/%2fNAME",
        "/%2FNAME",
        "/NAME%2f", "/NAME%2F", "/NAME;x", "/NAME;x=1", "/;x/NAME", "/NAME%3b", "/NAME?x", "/NAME?",
        "/NAME#x",
        "/NAME%23", "/NAME%3f", "/NAME%20", "/NAME%09", "/NAME%00", "/NAME.", "/NAME.json", "/\\NAME",
        "/NAME\\",
        "/%5cNAME", "/.;/NAME", "NAME", "?NAME",
    ]

    /// The name as it is, in capitals, and with letters percent-encoded.
    private static func forms(of name: String) -> [String] {
        let encoded = name.utf8.map { "%" + String($0, radix: 16) }
        return [
            name, name.uppercased(), name.prefix(1).uppercased() + name.dropFirst(),
            "\(encoded[0])\(name.dropFirst())",
            encoded.joined(), encoded.joined().uppercased(),
            "%25" + encoded[0].dropFirst() + name.dropFirst(),
        ]
    }

    @Test(arguments: LoadBalancer.allCases, ["metrics", "readyz"])
    func `S48 what is for operators stays blocked however the path is spelled`(
        _ kind: LoadBalancer, _ name: String
    ) async throws {
        let stage = try await BalancedStage(kind)
        let admin = try await stage.replicas[0].send(.GET, "/\(name)", key: stage.apiKey)
        #expect([200, 401, 403].contains(admin.status), "the replica has it")
        for form in Self.forms(of: name) {
            var targets = Self.spellings.map { $0.replacing("NAME", with: form) }
            targets += ["/\(form)", "//\(form)", "/./\(form)/"].flatMap {
                ["http://connect.example.com\($0)", "https://connect.example.com\($0)", "HTTP://x\($0)"]
            }
            for target in targets {
                let answer = try await stage.curl(
                    ["--http1.1", "-H", "x-api-key: \(stage.apiKey)", "--request-target", target], "/")
                #expect([400, 404].contains(answer.status), "\(target): \(answer)")
                #expect(!answer.body.contains("# TYPE") && !answer.body.contains("\"keyrings\""))
            }
        }
        for path in [
            "/\(name)", "//\(name)", "/\(name)/", "/\(name.uppercased())",
            "/%\(String(name.utf8.first ?? 0, radix: 16))\(name.dropFirst())",
        ] {
            for version in ["--http2", "--http1.1"] {
                for method in ["GET", "HEAD", "POST", "OPTIONS"] {
                    let answer = try await stage.curl(
                        [version, "-X", method] + (method == "HEAD" ? ["--head"] : []), path)
                    #expect([400, 404, 405].contains(answer.status), "\(method) \(path): \(answer)")
                }
            }
        }
        #expect(try await stage.send(.GET, "/healthz").status == 200)
        #expect(try await stage.send(.GET, "/api/v1/connections").status == 200)
        try await stage.stop()
    }

    @Test(arguments: LoadBalancer.allCases)
    func `names that only begin or end so are not blocked`(_ kind: LoadBalancer) async throws {
        let stage = try await BalancedStage(kind)
        for path in ["/metrics-of-mine", "/readyz2", "/api/v1/integrations/metrics"] {
            // The replica's own words, in JSON or as a page.
            let through = try await stage.send(.GET, path)
            let direct = try await stage.replicas[0].send(.GET, path, key: stage.apiKey)
            #expect(through.status == direct.status && through.body == direct.body, "\(path)")
        }
        try await stage.stop()
    }
}

extension BalancedStage {
    struct CurlAnswer { let status: Int, body: String }

    /// Sends a request as it is written, which no HTTP library does.
    func curl(_ arguments: [String], _ path: String) async throws -> CurlAnswer {
        let run = try await Tool.run(
            "curl",
            ["-s", "-k", "--path-as-is", "--globoff", "--max-time", "10", "-w", "\n%{http_code}"] + arguments
                + [baseURL + path], in: folder)
        let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
        return CurlAnswer(
            status: lines.last.flatMap { Int($0) } ?? 0, body: lines.dropLast().joined(separator: "\n"))
    }
}
