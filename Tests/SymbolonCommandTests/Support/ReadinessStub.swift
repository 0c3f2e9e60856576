import Foundation
import Synchronization

/// A replica that answers every request as `/readyz` does, with the digest that a test gives it.
final class ReadinessStub: Sendable {
    private let socket: CInt
    let port: Int
    private let body: @Sendable () -> String

    /// - Parameter digest: asked anew for each request; `nil` answers something else.
    convenience init(digest: @escaping @Sendable () -> String?) throws {
        try self.init(body: {
            digest().map {
                #"{"status":"ready","keyrings":{"state":{"digest":"\#($0)"},"connections":{"digest":"x"}}}"#
            }
                ?? #"{"detail":"nothing here"}"#
        })
    }

    private init(body: @escaping @Sendable () -> String) throws {
        self.body = body
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && listen(socket, 16) == 0
                    && getsockname(socket, address, &length) == 0
            }
        }
        guard bound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        self.socket = socket
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread {
            while true {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { return }
                Self.answer(connection, body)
            }
        }
    }

    deinit {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    var url: String { "http://127.0.0.1:\(port)" }

    private static func answer(_ connection: CInt, _ body: @Sendable () -> String) {
        defer { close(connection) }
        var request: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
            let count = read(connection, &chunk, chunk.count)
            guard count > 0 else { return }
            request += chunk[..<count]
        }
        let isReadiness = String(decoding: request, as: UTF8.self).hasPrefix("GET /readyz ")
        let body = isReadiness ? body() : ""
        let head =
            "HTTP/1.1 \(isReadiness ? "503 Service Unavailable" : "404 Not Found")\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        let answer = Array((head + body).utf8)
        _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
    }
}
