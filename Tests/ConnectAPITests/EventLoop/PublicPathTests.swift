import NIOEmbedded
import NIOHTTP1
import Testing

@testable import ConnectAPI

@Suite("PublicPath") struct PublicPathTests {
    @Test(arguments: [
        ("/connect", "/"), ("/connect/", "/"), ("/connect?a=/b", "/?a=/b"), ("/connect/?a", "/?a"),
        (
            "/connect/api/v1/oauth/callback/gmail?code=1&state=2",
            "/api/v1/oauth/callback/gmail?code=1&state=2"
        ),
        ("/connect/console", "/console"), ("/connect/try?lang=de", "/try?lang=de"),
        ("/connect/console/x", "/connect/console/x"), ("/connect/openapi.json", "/openapi.json"),
        ("/connect/connect", "/connect/connect"),
        ("/connect/connect/wsp_1?lang=de", "/connect/wsp_1?lang=de"),
        // What a proxy sends that strips the path itself.
        ("/", "/"), ("/?flow_id=x", "/?flow_id=x"), ("/api/v1/connections", "/api/v1/connections"),
        ("/connect/wsp_1?lang=de", "/connect/wsp_1?lang=de"), ("/connect/wsp_1/logo", "/connect/wsp_1/logo"),
        // Others that only look like it.
        ("/connected", "/connected"), ("/Connect/", "/Connect/"), ("/x/connect/", "/x/connect/"),
        ("/%63onnect/", "/%63onnect/"), ("//connect/", "//connect/"), ("*", "*"), ("", ""),
    ])
    func `a request finds its route with the path and without it`(_ target: String, _ expected: String) throws
    {
        let channel = EmbeddedChannel(handler: PublicPath("/connect"))
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target)
        try channel.writeInbound(HTTPServerRequestPart.head(head))
        let part = try channel.readInbound(as: HTTPServerRequestPart.self)
        guard case .head(let passed) = part else {
            Issue.record("no head")
            return
        }
        #expect(passed.uri == expected)
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        #expect(try channel.readInbound(as: HTTPServerRequestPart.self) == .end(nil))
        _ = try channel.finish()
    }

    @Test(arguments: ["/readyz", "/metrics", "/healthz", "/readyz?x", "/metrics/", "/sandbox/token"])
    func `S48 what is for operators is not served under the path, where a proxy would not look for it`(
        _ target: String
    ) {
        #expect(PublicPath.remove("/connect", from: "/connect\(target)") == nil)
    }

    @Test(arguments: ["try", "console", "connect", "api", "openapi.json"])
    func `a workspace whose page another page would take has none under that path`(_ id: String) {
        #expect(!PublicPath.hasConnectPage(id, under: "/connect"))
        for path in ["", "/x", "/connected", "/connect/wsp", "/x/connect"] {
            #expect(PublicPath.hasConnectPage(id, under: path), "\(path)")
        }
        #expect(!PublicPath.hasConnectPage(id, under: "/connect/\(id)"))
    }

    @Test(arguments: ["wsp_1", "Try", "try_", "logo", "trying"])
    func `any other workspace has its page under any path`(_ id: String) {
        for path in ["", "/connect", "/api", "/connect/wsp"] {
            #expect(PublicPath.hasConnectPage(id, under: path), "\(path)")
        }
    }

    @Test(
        arguments: [
            ("/api", "/api/v1/connections", nil), ("/api", "/api/api/v1/connections", "/api/v1/connections"),
            ("/api/v1", "/api/v1/oauth/initiate", nil),
            ("/api/v1", "/api/v1/api/v1/oauth/initiate", "/api/v1/oauth/initiate"),
        ] as [(String, String, String?)])
    func `a path that the API's own paths begin with is told apart`(
        _ path: String, _ target: String, _ expected: String?
    ) {
        #expect(PublicPath.remove(path, from: target) == expected)
    }
}
