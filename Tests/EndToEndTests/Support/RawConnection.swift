import Foundation

/// A TCP connection that sends what it is told, octet by octet, and need not read.
final class RawConnection {
    /// Linux's `POLLRDHUP`, which has no name here: the other side has closed its half.
    private static let hangup: Int32 = 0x2000

    private let descriptor: Int32

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
