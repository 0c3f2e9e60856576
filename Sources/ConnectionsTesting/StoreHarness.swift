package import Connections

/// An empty store of one kind, its clock, and what a test does to it; made new for each case.
package protocol StoreHarness: Sendable {
    associatedtype Store: ConnectionStore

    var store: Store { get }
    /// Another handle on the same rows, as another replica has it.
    var replica: Store { get }
    /// What the store takes for the database's clock.
    var clock: ManualClock { get }

    init() async throws
}
