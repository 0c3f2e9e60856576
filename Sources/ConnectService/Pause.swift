/// Waits between two attempts. When the task is cancelled it returns at once, and the next attempt is due.
package func pause(_ duration: Duration) async {
    do {
        try await Task.sleep(for: duration)
    } catch {
        return
    }
}
