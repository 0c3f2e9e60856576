import Testing

/// One fact that holds for every store: a name that says it, and the test that shows it.
///
/// A store's tests run all of them:
///
///     @Test(arguments: ConformanceCase<MyHarness>.all)
///     func `the store keeps its promise`(_ conformance: ConformanceCase<MyHarness>) async throws {
///         try await conformance.run()
///     }
package struct ConformanceCase<Harness: StoreHarness>: Sendable {
    package let name: String
    private let body: @Sendable (Harness) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (Harness) async throws -> Void) {
        self.name = name
        self.body = body
    }

    package func run() async throws { try await body(Harness()) }

    /// What holds for claims alone, without a connection that is kept.
    package static var claiming: [ConformanceCase] { claimCases + claimEndingCases + leaseCases }

    package static var all: [ConformanceCase] {
        claimCases + claimEndingCases + leaseCases + finishCases + renewalCases + purgeCases
            + connectionCases + updateCases + pagingCases + refreshCases + refreshRaceCases + resealCases
            + writerCases + sharingCases + matchingCases + sweepCases + filterCases + listCases + eventCases
            + revocationCases
            + keyUseCases
    }
}

extension ConformanceCase: CustomTestStringConvertible {
    package var testDescription: String { name }
}
