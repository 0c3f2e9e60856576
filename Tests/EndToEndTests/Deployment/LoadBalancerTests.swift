import AsyncHTTPClient
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// The configurations for HAProxy and nginx that are shipped, in front of two replicas.
@Suite("Load balancers", .timeLimit(.minutes(3))) struct LoadBalancerTests {
    @Test(arguments: LoadBalancer.allCases) func `the program itself takes the configuration`(
        _ kind: LoadBalancer
    ) async throws {
        let folder = try TemporaryFolder()
        let certificate = try await LoopbackCertificate(in: folder)
        let port = try LoopbackPort.free()
        let path = try await kind.configuration(
            port: port, replicas: [port, port, port], certificate: certificate, in: folder)
        let good = try await kind.check(path, in: folder)
        #expect(good.status == 0, "\(good.output)")
        let warnings = good.output.split(separator: "\n").filter { $0.lowercased().contains("[warn") }
        #expect(warnings.isEmpty)
        let bad = try folder.write(
            folder.read("\(kind.rawValue).conf") + "\nbalance always\n", to: "bad.conf")
        #expect(try await kind.check(bad, in: folder).status != 0)
    }

    @Test(arguments: LoadBalancer.allCases, [HTTPClient.Configuration.HTTPVersion.http1Only, .automatic])
    func `whole flows go through, with codes of 2.3 kB and callbacks of 15 kB`(
        _ kind: LoadBalancer, _ version: HTTPClient.Configuration.HTTPVersion
    ) async throws {
        let stage = try await BalancedStage(kind, version)
        var secrets: [String] = []
        for (codeLength, byteCount) in [(20, 0), (2_300, 0), (2_300, 15_000), (20, 15_000)] {
            // Twice, so that each request of a flow meets each replica.
            for _ in 0..<2 {
                let state = try await stage.initiate()
                let code = String("\(UUID())".prefix(20)).padding(
                    toLength: codeLength, withPad: "c", startingAt: 0)
                let query = BalancedStage.callbackQuery(state: state, code: code, byteCount: byteCount)
                let answer = try await stage.callBack(query)
                let location = try #require(
                    answer.headers.first(name: "location"), "\(answer.status) \(answer.body)")
                #expect(
                    answer.status == 303 && location.hasPrefix(BalancedStage.redirectURI + "?status=success&")
                )
                #expect(stage.provider.codes.last == code)
                secrets += [String(code.prefix(20)), state]
            }
        }
        #expect(stage.provider.codes.count == 8)
        let list = try await stage.send(.GET, "/api/v1/connections").decoded(as: ConnectStage.Page.self)
        #expect(list.data.count == 8)
        let token = try await stage.send(.GET, "/api/v1/connections/\(list.data[0].id)/token")
        #expect(token.status == 200 && token.body.contains("token-8"))
        try await stage.stop()
        for replica in stage.replicas {
            #expect(try await replica.log.contains(#""event":"#), "round robin reaches every replica")
        }
        let logs = try Self.logs(of: kind, in: stage.folder)
        #expect(logs.contains("/api/v1/oauth/callback/long"))
        for secret in secrets { #expect(!logs.contains(secret), "S23") }
    }

    @Test(arguments: LoadBalancer.allCases, [3_300, 15_000])
    func `a Location of a posted callback's length goes through`(_ kind: LoadBalancer, _ byteCount: Int)
        async throws
    {
        let stage = try await BalancedStage(kind)
        let state = try await stage.initiate()
        // Without its store, a replica answers a posted callback with a URL that a page can look at again.
        let script =
            "import sqlite3, time; store = sqlite3.connect('symbolon.sqlite', isolation_level=None); "
            + "store.execute('BEGIN IMMEDIATE'); print('locked', flush=True); time.sleep(60)"
        let lock = try ServerProcess(
            Tool.path(of: "python3"), ["-c", script], workingDirectory: stage.folder.url,
            logFile: stage.folder.url.appending(path: "lock.log"))
        try await lock.waitForLine { $0 == "locked" }
        let code = String(repeating: "c", count: 2_300)
        let form = BalancedStage.callbackQuery(state: state, code: code, byteCount: byteCount)
        let answer = try await stage.send(
            .POST, "/api/v1/oauth/callback/long", body: ("application/x-www-form-urlencoded", form))
        let location = try #require(answer.headers.first(name: "location"), "\(answer.status) \(answer.body)")
        #expect(answer.status == 303 && location == "\(stage.baseURL)/api/v1/oauth/callback/long?\(form)")
        await lock.stop()
        #expect(stage.provider.codes.isEmpty, "S30")
        #expect(try await stage.callBack(form).status == 303)
        #expect(stage.provider.codes == [code])
        try await stage.stop()
    }

    @Test(arguments: LoadBalancer.allCases) func `a ticket with a code of 2.3 kB comes home and back`(
        _ kind: LoadBalancer
    ) async throws {
        let stage = try await BalancedStage(kind)
        let secret = BindingSecret()
        let code = String(repeating: "c", count: 2_300)
        // Each flow meets both replicas, and with two of them each is met by each step.
        for flow in 1...2 {
            let query = BalancedStage.callbackQuery(
                state: try await stage.initiate(secret.member), code: code + "\(flow)", byteCount: 0)
            let answer = try await stage.callBack(query)
            let location = try #require(answer.headers.first(name: "location"), "\(answer.status)")
            #expect(location.utf8.count > 3_100, "the code itself travels in it")
            let ticket = try #require(FormEncoding.query(of: location)["ticket"])
            #expect(stage.provider.codes.count == flow - 1)
            let completed = try await stage.complete(ticket, secret)
            #expect(completed.status == 200, "\(completed.body)")
            #expect(stage.provider.codes.last == code + "\(flow)")
        }
        try await stage.stop()
    }

    @Test(arguments: LoadBalancer.allCases) func `a replica that is killed fails no flow`(
        _ kind: LoadBalancer
    ) async throws {
        let stage = try await BalancedStage(kind)
        for index in 0..<40 {
            if index == 10 {
                stage.replicas[0].process.send(SIGKILL)
                // What is sent to it while it dies is reset, and no balancer may repeat that.
                _ = await stage.replicas[0].process.exitStatus()
            }
            let query = BalancedStage.callbackQuery(
                state: try await stage.initiate(), code: "code-\(index)", byteCount: 0)
            let answer = try await stage.callBack(query)
            #expect(
                answer.headers.first(name: "location")?.contains("status=success") == true,
                "\(index) \(answer.status)")
        }
        #expect(stage.provider.codes.count == 40)
        try await stage.stop()
    }

    @Test func `a delivery that waits for 25 seconds gets its page`() async throws {
        // Side by side, since nearly all of it is waiting.
        async let haproxy: Void = expectPage(from: .haproxy)
        async let nginx: Void = expectPage(from: .nginx)
        _ = try await (haproxy, nginx)
    }

    private func expectPage(from kind: LoadBalancer) async throws {
        let stage = try await BalancedStage(kind)
        stage.provider.hang()
        let query = BalancedStage.callbackQuery(
            state: try await stage.initiate(), code: "the-code", byteCount: 0)
        // Straight to one replica, which then dies with its claim held.
        let owner = Task {
            try await stage.replicas[0].send(.GET, "/api/v1/oauth/callback/long?\(query)")
        }
        try await eventually("the code is sent") { !stage.provider.codes.isEmpty }
        stage.replicas[0].process.send(SIGKILL)
        _ = await owner.result
        let start = ContinuousClock.now
        let answer = try await stage.callBack(query)
        #expect(ContinuousClock.now - start > .seconds(20))
        #expect(answer.status == 200 && answer.body.contains(#"http-equiv="refresh""#), "\(answer.body)")
        #expect(stage.provider.codes == ["the-code"], "S09")
        try await stage.stop()
    }

    @Test(arguments: LoadBalancer.allCases, ["/readyz", "/metrics"])
    func `what is for operators is not for the world`(_ kind: LoadBalancer, _ path: String) async throws {
        let stage = try await BalancedStage(kind)
        #expect(try await stage.send(.GET, path).status == 404)
        #expect(try await stage.send(.GET, "/healthz").status == 200)
        try await stage.stop()
    }

    private static func logs(of kind: LoadBalancer, in folder: TemporaryFolder) throws -> String {
        switch kind {
        case .haproxy: try folder.read("haproxy.log")
        case .nginx:
            try folder.read("nginx-access.log") + folder.read("nginx-error.log") + folder.read("nginx.log")
        }
    }
}
