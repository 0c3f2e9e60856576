import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// The running program beside FastAPI: every committed answer of FastAPI's (which CI makes anew and compares).
@Suite("Side by side with FastAPI", .timeLimit(.minutes(2))) struct FastAPISideBySideTests {
    struct Case: Decodable {
        struct Issue: Decodable, Equatable {
            enum Step: Decodable, Equatable {
                case name(String)
                case index(Int)

                init(from decoder: any Decoder) throws {
                    let container = try decoder.singleValueContainer()
                    if let index = try? container.decode(Int.self) {
                        self = .index(index)
                    } else {
                        self = .name(try container.decode(String.self))
                    }
                }
            }
            let loc: [Step]
            let msg: String
            let type: String
        }
        let name: String
        let contentType: String?
        let bodyBase64: String
        let status: Int
        let detail: [Issue]?
    }

    private struct Refused: Decodable {
        let detail: [Case.Issue]
    }

    @Test func `every refused body is refused with the same issues, and none is a 500`() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../ConnectAPITests/FastAPI/validation.json")
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        var compared = 0
        for entry in cases {
            var request = HTTPClientRequest(url: server.baseURL + "/api/v1/oauth/initiate")
            request.method = .POST
            request.headers = ["X-API-Key": key]
            if let contentType = entry.contentType {
                request.headers.add(name: "content-type", value: contentType)
            }
            request.body = .bytes(Array(try #require(Data(base64Encoded: entry.bodyBase64))))
            let answer = try await Answer(to: request)
            #expect(answer.status < 500, "\(entry.name)")
            guard entry.status == 422, let expected = entry.detail, entry.bodyBase64.utf8.count < 21_000
            else { continue }
            compared += 1
            #expect(answer.status == 422, "\(entry.name)")
            let detail = try answer.decoded(as: Refused.self).detail
            #expect(detail == expected, "\(entry.name)")
        }
        #expect(compared > 500)
        await server.stop()
    }
}
