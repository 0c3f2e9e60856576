import Foundation

extension Process {
    /// Runs the process and waits for its end.
    ///
    /// - Parameter handles: its streams, which are closed then: a Process that has ended keeps them open, and with
    ///   1,360 open files `run()` reads beyond its buffer.
    /// - Returns: its exit status, or 128 and the signal that ended it, as a shell says it.
    package func runToEnd(closing handles: [FileHandle]) async throws -> Int32 {
        defer { handles.forEach { $0.closeFile() } }
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            terminationHandler = { _ in ended.resume() }
            do {
                try run()
            } catch {
                ended.resume(throwing: error)
            }
        }
        return terminationReason == .exit ? terminationStatus : 128 + terminationStatus
    }
}
