/// How busy a store's connections to its database are.
package struct StorePoolLoad: Sendable, Equatable {
    /// In use, or being opened.
    package let inUseCount: Int
    /// Calls that wait for one.
    package let waitingCount: Int
    package let limit: Int

    package init(inUseCount: Int, waitingCount: Int, limit: Int) {
        self.inUseCount = inUseCount
        self.waitingCount = waitingCount
        self.limit = limit
    }
}
