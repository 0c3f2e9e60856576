import Access
import ConnectService
import Testing

@Suite("TokenBuckets") struct TokenBucketsTests {
    private let start = ContinuousClock.now

    @Test func `a bucket holds so many, and fills again`() {
        let buckets = TokenBuckets<String>(rate: 2, size: 3)
        for _ in 0..<3 { #expect(buckets.take("a", at: start) == nil) }
        #expect(buckets.take("a", at: start) == .milliseconds(500))
        #expect(buckets.take("b", at: start) == nil)
        #expect(buckets.take("a", at: start + .milliseconds(499)) != nil)
        #expect(buckets.take("a", at: start + .milliseconds(501)) == nil)
        #expect(buckets.take("a", at: start + .milliseconds(502)) != nil)
        for _ in 0..<3 { #expect(buckets.take("a", at: start + .seconds(3600)) == nil) }
        #expect(buckets.take("a", at: start + .seconds(3600)) != nil)
    }

    @Test func `who waits is not punished for asking`() {
        let buckets = TokenBuckets<String>(rate: 1, size: 1)
        #expect(buckets.take("a", at: start) == nil)
        for milliseconds in 1..<1000 {
            #expect(buckets.take("a", at: start + .milliseconds(milliseconds)) != nil)
        }
        #expect(buckets.take("a", at: start + .milliseconds(1001)) == nil)
    }

    @Test func `S28 a million keys take no more room than there is, and the busiest is not forgotten`() {
        let buckets = TokenBuckets<Int>(rate: 0.001, size: 2, capacity: 100)
        #expect(buckets.take(-1, at: start) == nil)
        #expect(buckets.take(-1, at: start) == nil)
        for key in 0..<100_000 {
            _ = buckets.take(key, at: start)
            #expect(buckets.count <= 100)
        }
        #expect(buckets.take(-1, at: start) != nil)
    }
}
