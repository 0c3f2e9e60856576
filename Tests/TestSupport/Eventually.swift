import Testing

/// Waits until a condition holds, and looks at it again and again until then. Where it does not hold in time, an issue
/// is recorded at the caller's line.
///
/// - Returns: whether it held in time.
@discardableResult
package func eventually(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(10),
    every interval: Duration = .milliseconds(10),
    sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not within \(limit): \(what())", sourceLocation: sourceLocation)
            return false
        }
        try await Task.sleep(for: interval)
    }
    return true
}
