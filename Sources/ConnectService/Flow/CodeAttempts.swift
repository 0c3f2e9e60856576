internal import Access
internal import Encodings
internal import StateTokens

/// How many codes of one flow an address may have rejected: ten at once, then one in two seconds.
///
/// A stranger who holds a state can send codes of their own, and each of them is a request to the provider. The
/// bucket is the address's own, so that a stranger elsewhere cannot use up the user's; a code that finds it empty is
/// not lost, for the page looks again.
final class CodeAttempts: Sendable {
    private struct Key: Hashable {
        let flow: FlowID
        let address: AddressBlock
    }

    private let buckets = TokenBuckets<Key>(rate: 0.5, size: 10)

    func allow(_ flow: FlowID, from address: IPAddress?) -> Bool {
        guard let address else { return true }
        return buckets.wait(Key(flow: flow, address: AddressBlock(address))) == nil
    }

    /// Counts a code that was rejected.
    func count(_ flow: FlowID, from address: IPAddress?) {
        guard let address else { return }
        _ = buckets.take(Key(flow: flow, address: AddressBlock(address)))
    }
}
