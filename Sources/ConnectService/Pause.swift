/// Makes a call, and once more after 250 ms if it fails with an error for which `isWorthIt` is true.
func tryingAgain<Value, Failure: Error>(
    where isWorthIt: (Failure) -> Bool, _ attempt: () async throws(Failure) -> Value
) async throws(Failure) -> Value {
    do throws(Failure) {
        return try await attempt()
    } catch {
        guard isWorthIt(error) else { throw error }
    }
    await pause(.milliseconds(250))
    return try await attempt()
}

/// Waits between two attempts. When the task is cancelled it returns at once, and the next attempt is due.
package func pause(_ duration: Duration) async {
    do {
        try await Task.sleep(for: duration)
    } catch {
        return
    }
}
