import Testing

@testable import ConnectService

@Suite("FairQueue") struct FairQueueTests {
    private typealias Item = (integration: String, number: Int)

    private func queue(_ items: [Item], concurrency: Int = 8) -> FairQueue<Item> {
        FairQueue(items, concurrency: concurrency) { $0.integration }
    }

    private func taken(_ queue: inout FairQueue<Item>) -> [Int] {
        var numbers: [Int] = []
        while let item = queue.next() { numbers.append(item.number) }
        return numbers
    }

    @Test func `one integration gets a quarter of the room, and those behind it the rest in their order`() {
        var queue = queue((0..<10).map { ("a", $0) } + [("b", 10), ("c", 11)])
        #expect(taken(&queue) == [0, 1, 10, 11])
        queue.finish(("a", 1))
        #expect(taken(&queue) == [2])
        queue.finish(("c", 11))
        #expect(taken(&queue) == [])
    }

    @Test func `no more run than may`() {
        var queue = queue((0..<12).map { ("\($0)", $0) })
        #expect(taken(&queue) == Array(0..<8))
        queue.finish(("3", 3))
        #expect(taken(&queue) == [8])
    }

    @Test(arguments: [1, 2, 3, 4]) func `where there is little room, one of each integration runs`(
        _ concurrency: Int
    ) {
        var queue = queue([("a", 0), ("a", 1), ("b", 2)], concurrency: concurrency)
        #expect(taken(&queue) == Array([0, 2].prefix(concurrency)))
        queue.finish(("a", 0))
        #expect(queue.next()?.number == 1)
    }
}
