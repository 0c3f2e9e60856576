import Hummingbird

/// Answers every initiate with the same JSON, which is as long as a real answer, and looks at nothing.
@main struct Constant {
    static func main() async throws {
        guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
            preconditionFailure("usage: constant PORT")
        }
        let answer = ByteBuffer(string: #"{"auth_url":"\#(String(repeating: "a", count: 980))"}"#)
        let router = Router()
        router.get("readyz") { _, _ in HTTPResponse.Status.ok }
        router.post("api/v1/oauth/initiate") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: answer))
        }
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: port), serverName: nil))
        try await application.runService()
    }
}
