// A web app whose users connect an account through Symbolon. Needs nothing but what comes with Swift.
//
//     swiftc connect.swift && SYMBOLON_API_KEY=sym_… ./connect
import Foundation
import FoundationNetworking
import Glibc

let settings = ProcessInfo.processInfo.environment
let symbolon = settings["SYMBOLON_URL"] ?? "http://127.0.0.1:8080"
let key = settings["SYMBOLON_API_KEY"] ?? ""
let integration = settings["INTEGRATION"] ?? "sandbox"
let providerAPI = settings["PROVIDER_API"] ?? "\(symbolon)/sandbox/userinfo"
let port = UInt16(settings["PORT"] ?? "3000") ?? 3000
/// Our own session → the flow that it began.
var pending: [String: String] = [:]

struct Flow: Decodable { let auth_url, state: String }
struct Connection: Decodable { let id, flow_id: String }
struct Token: Decodable { let access_token: String }
struct Account: Decodable { let email, login: String? }

func call<Answer: Decodable>(
    _ url: String, _ credential: String, _ body: [String: String]? = nil
) async throws -> Answer {
    guard let url = URL(string: url) else { throw URLError(.badURL) }
    var request = URLRequest(url: url)
    request.setValue("Bearer \(credential)", forHTTPHeaderField: "Authorization")
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    if let body {
        request.httpMethod = "POST"
        request.httpBody = try JSONEncoder().encode(body)
    }
    let (data, response) = try await URLSession.shared.data(for: request)
    guard (response as? HTTPURLResponse)?.statusCode == 200 else { throw URLError(.badServerResponse) }
    return try JSONDecoder().decode(Answer.self, from: data)
}

@MainActor func begin() async throws -> String {
    let request = ["integration_id": integration, "redirect_uri": "http://localhost:\(port)/connected"]
    let flow: Flow = try await call("\(symbolon)/api/v1/oauth/initiate", key, request)
    let session = UUID().uuidString
    // The flow id is the first half of the 32 octets that the state ends with.
    let state = Data(base64Encoded: exchanged("-_", for: "+/", in: flow.state, padded: true)) ?? Data()
    pending[session] = exchanged("+/", for: "-_", in: state.suffix(32).prefix(16).base64EncodedString())
    return answer(
        "303 See Other", "",
        "Location: \(flow.auth_url)\r\nSet-Cookie: session=\(session); HttpOnly; SameSite=Lax; Path=/\r\n")
}

func finish(_ hints: [String: String], _ flowID: String?) async throws -> String {
    guard hints["status"] == "success" else {
        return answer("400 Bad Request", "Not connected: \(hints["error"] ?? "no answer")")
    }
    // Anybody can write an address with a connection_id. What counts is the connection as Symbolon has it, and that it
    // came of the flow that this very session began.
    let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-_"))
    let id = hints["connection_id"]?.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    let path = "\(symbolon)/api/v1/connections/\(id)"
    guard let connection: Connection = try? await call(path, key) else {
        return answer("403 Forbidden", "There is no such connection.")
    }
    guard connection.flow_id == flowID else {
        return answer("403 Forbidden", "This connection is not of your making.")
    }
    // Refreshed when it is due; ask whenever you need one.
    let token: Token = try await call("\(path)/token", key)
    let account: Account = try await call(providerAPI, token.access_token)
    return answer("200 OK", "Connected \(connection.id): \(account.email ?? account.login ?? "somebody")")
}

func exchanged(_ old: String, for new: String, in text: String, padded: Bool = false) -> String {
    let pairs = Dictionary(uniqueKeysWithValues: zip(old, new))
    let text = String(text.filter { $0 != "=" }.map { pairs[$0] ?? $0 })
    return padded ? text + String(repeating: "=", count: (4 - text.count % 4) % 4) : text
}

func answer(_ status: String, _ text: String, _ headers: String = "") -> String {
    "HTTP/1.1 \(status)\r\n\(headers)Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
        + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)"
}

@MainActor func respond(to request: String) async -> String {
    let lines = request.split(separator: "\r\n").map(String.init)
    let target = lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    let url = URLComponents(string: target)
    let items = url?.queryItems?.map { ($0.name, $0.value ?? "") } ?? []
    let cookies = lines.first { $0.lowercased().hasPrefix("cookie: ") }?.dropFirst(8) ?? ""
    let session = cookies.split(separator: "; ").first { $0.hasPrefix("session=") }?.dropFirst(8) ?? ""
    do {
        switch url?.path {
        case "/": return try await begin()
        case "/connected":
            let flowID = pending.removeValue(forKey: String(session))
            return try await finish(Dictionary(items) { $1 }, flowID)
        default: return answer("404 Not Found", "Nothing here.")
        }
    } catch {
        return answer("502 Bad Gateway", "Symbolon does not answer.")
    }
}

let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = port.bigEndian
address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
let bound = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
}
guard bound == 0, listen(listener, 16) == 0 else { fatalError("port \(port) is taken") }
print("Open http://localhost:\(port)/")
fflush(nil)
while true {
    let socket = FileHandle(fileDescriptor: accept(listener, nil, nil), closeOnDealloc: true)
    var request = Data()
    while request.range(of: Data("\r\n\r\n".utf8)) == nil, request.count < 16_384 {
        let part = socket.availableData
        guard !part.isEmpty else { break }
        request.append(part)
    }
    try? socket.write(contentsOf: Data(await respond(to: String(decoding: request, as: UTF8.self)).utf8))
}
