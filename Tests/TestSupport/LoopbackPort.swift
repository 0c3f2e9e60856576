import Foundation
import Synchronization

/// Ports of 127.0.0.1 for servers that must know theirs before they start.
package enum LoopbackPort {
    /// Below those that the kernel gives to clients, so that no connection takes one in the meantime.
    private static let range = 20_000..<32_000
    private static let next = Atomic<Int>(Int.random(in: range))
    /// The file whose octets are locked, one for each port, by the tests and benches that were given them.
    private static let locks: Int32 = {
        let name = FileManager.default.temporaryDirectory.appending(path: "symbolon-ports-\(getuid())")
        return open(name.path(percentEncoded: false), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    }()

    /// A port that is free, and that this process alone was given, once.
    package static func free() throws(ServerProcessError) -> Int {
        for _ in range {
            let count = next.add(1, ordering: .relaxed).newValue
            let port = range.lowerBound + count % range.count
            if try isLocked(port), try isFree(port) { return port }
        }
        throw .noPort(errno: EADDRINUSE)
    }

    /// Takes a port's lock, which this process has until it ends, if no other process has it.
    private static func isLocked(_ port: Int) throws(ServerProcessError) -> Bool {
        guard locks >= 0 else { throw .noPort(errno: errno) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = port
        lock.l_len = 1
        return unsafe fcntl(locks, F_SETLK, &lock) == 0
    }

    private static func isFree(_ port: Int) throws(ServerProcessError) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw .noPort(errno: errno) }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
        address.sin_port = UInt16(port).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(socket, address, length) == 0
            }
        }
    }
}
