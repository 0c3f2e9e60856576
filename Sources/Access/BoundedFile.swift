internal import Glibc

/// A regular file that an operator names, read whole within a bound.
///
/// Anything else is not read: a pipe without a writer blocks its reader, and a device may have no end.
package struct BoundedFile: Sendable {
    package enum Failure: Error, Equatable, CustomStringConvertible {
        /// The system call failed; `reason` is its message.
        case inaccessible(reason: String)
        case notRegular
        case tooLarge(limit: Int)

        package var description: String {
            switch self {
            case .inaccessible(let reason): "cannot be read: \(reason)"
            case .notRegular: "is no regular file"
            case .tooLarge(let limit): "is larger than \(limit) bytes"
            }
        }
    }

    package let octets: [UInt8]
    /// Whether every user of the machine may write it.
    package let isOpenToAll: Bool

    /// - Parameter path: links are followed.
    package init(_ path: String, upTo byteCountLimit: Int) throws(Failure) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.refusal() }
        defer { close(descriptor) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else { throw Self.refusal() }
        guard information.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.refusal() }
            guard count > 0 else { break }
            // It may grow while it is read, so its size says nothing.
            guard count <= byteCountLimit - octets.count else { throw .tooLarge(limit: byteCountLimit) }
            octets += chunk[..<count]
        }
        self.octets = octets
        isOpenToAll = information.st_mode & S_IWOTH != 0
    }

    private static func refusal() -> Failure {
        .inaccessible(reason: unsafe String(cString: strerror(errno)))
    }
}
