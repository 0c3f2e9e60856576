internal import FoundationEssentials
internal import Glibc
internal import NIOCore

extension CommandError {
    /// What the system refused, in words for people: the libraries' own name their C functions and error domains.
    ///
    /// - Returns: `nil` for an error that is not the system's.
    init?(system error: any Error) {
        switch error {
        case let error as IOError:
            self.init(.refused, "the system refused it: \(Self.reason(error.errnoCode))")
        case is CocoaError:
            self.init(
                .configuration,
                "a file or folder cannot be used: look whether it is there, and whether this user may read and write it"
            )
        default: return nil
        }
    }

    /// The system's words for one of its error numbers.
    static func reason(_ code: CInt) -> String { unsafe String(cString: strerror(code)) }
}
