import Foundation
import TestSupport

/// A TCP connection that sends what it is told, octet by octet, and need not read.
final class RawConnection {
    /// Linux's `POLLRDHUP`, which has no name here: the other side has closed its half.
    private static let hangup: Int32 = 0x2000

    private let descriptor: Int32
    private var unread = ""

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, status == 0 else {
            close(descriptor)
            throw POSIXError(.ECONNREFUSED)
        }
        // Nobody waits for a test that hangs.
        var timeout = timeval(tv_sec: 1, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Ends the connection.
    func shutDown() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// How many octets went out; fewer if the other side takes no more.
    @discardableResult
    func send(_ text: String) -> Int {
        let octets = Array(text.utf8)
        var sent = 0
        while sent < octets.count {
            let count = octets[sent...].withUnsafeBytes { buffer in
                unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// The next answer, of which the length is said; `nil` if none comes within five seconds.
    func answer() -> (status: Int, fields: [String: String], body: String)? {
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        while true {
            if let end = unread.range(of: "\r\n\r\n") {
                var lines = unread[..<end.lowerBound].split(separator: "\r\n")
                let status = lines.removeFirst().split(separator: " ").dropFirst().first.flatMap { Int($0) }
                var fields: [String: String] = [:]
                for line in lines {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
                }
                let rest = Array(unread[end.upperBound...].utf8)
                let length = Int(fields["content-length"] ?? "") ?? 0
                if rest.count >= length {
                    unread = String(decoding: rest[length...], as: UTF8.self)
                    return (status ?? 0, fields, String(decoding: rest[..<length], as: UTF8.self))
                }
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            unread += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    /// All that comes until the other side closes its half, or until nothing more comes for so long.
    func rest(quietFor milliseconds: Int = 300) -> (text: String, isClosed: Bool) {
        func wait(_ milliseconds: Int) {
            var timeout = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
            _ = unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
        wait(5_000)
        var octets = Array(unread.utf8)
        unread = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return (String(decoding: octets, as: UTF8.self), count == 0) }
            octets += buffer[..<count]
            wait(milliseconds)
        }
    }

    /// Whether the other side has closed it, looking without waiting; what there is to read is thrown away.
    var isClosed: Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count == 0 { return true }
            if count < 0 { return errno != EAGAIN && errno != EWOULDBLOCK }
        }
    }

    /// The same without reading anything: what is not read stays in the way.
    var isClosedUnread: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(Self.hangup), revents: 0)
        return unsafe Glibc.poll(&poll, 1, 0) == 1
            && poll.revents & Int16(Self.hangup | POLLHUP | POLLERR) != 0
    }
}
