import Foundation
import Glibc

/// A provider's host on loopback that answers every request alike, on a thread of its own.
final class ProviderStub: Sendable {
    let port: Int
    private let descriptor: CInt

    /// - Parameters:
    ///   - clockOffset: how far its clock is ahead, in seconds; `nil` says no time.
    ///   - isSilent: takes connections and never answers.
    init(
        clockOffset: TimeInterval? = 0, isSilent: Bool = false,
        body: @escaping @Sendable (Int) -> String = { _ in "{}" }
    ) throws {
        struct Failure: Error {}
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure() }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            throw Failure()
        }
        let port = Int(UInt16(bigEndian: address.sin_port))
        self.port = port
        self.descriptor = descriptor
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                guard !isSilent else { continue }
                var request = [UInt8](repeating: 0, count: 8192)
                _ = read(connection, &request, request.count)
                let text = body(port)
                var head =
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(text.utf8.count)\r\n"
                if let clockOffset {
                    head += "Date: \(Self.httpDate(Date(timeIntervalSinceNow: clockOffset)))\r\n"
                }
                let answer = Array((head + "Connection: close\r\n\r\n" + text).utf8)
                _ = write(connection, answer, answer.count)
                close(connection)
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private static func httpDate(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }

    /// A catalog whose entry `id` leads here.
    func catalog(_ id: String = "local", _ extra: String = "") -> String {
        """
        integrations:
          \(id):
            documentation: https://example.com/docs
            authorization_endpoint: http://127.0.0.1:\(port)/authorize
            token_endpoint: http://127.0.0.1:\(port)/token
            \(extra)

        """
    }
}
