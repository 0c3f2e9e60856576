import Foundation
import Synchronization

/// Ports of 127.0.0.1 for servers that must know theirs before they start.
package enum LoopbackPort {
    /// Below those that the kernel gives to clients, so that no connection takes one in the meantime.
    private static let range = 20_000..<32_000
    private static let next = Atomic<Int>(Int.random(in: range))

    /// A port that is free, and that no other call in this process was given.
    package static func free() throws(ServerProcessError) -> Int {
        for _ in range {
            let count = next.add(1, ordering: .relaxed).newValue
            let port = range.lowerBound + count % range.count
            if try isFree(port) { return port }
        }
        throw .noPort(errno: EADDRINUSE)
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
