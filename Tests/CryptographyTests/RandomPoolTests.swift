import Cryptography
import Glibc
import Synchronization
import Testing

@Suite("RandomPool") struct RandomPoolTests {
    private func draw(_ pool: borrowing RandomPool, count: Int = 16) throws -> [UInt8] {
        var frame = [UInt8](repeating: 0, count: count)
        var span = frame.mutableSpan
        try pool.fill(&span, in: 0..<count)
        return frame
    }

    @Test func `no block is drawn twice, over many refills`() throws {
        let pool = try RandomPool()
        var seen: Set<[UInt8]> = []
        for _ in 0..<10_000 { seen.insert(try draw(pool)) }
        #expect(seen.count == 10_000)
    }

    @Test(arguments: [1, 16, 4095, 4096]) func `any size up to the pool's is drawn`(_ count: Int) throws {
        let pool = try RandomPool()
        // Single octets are often the same, but not sixteen in turn.
        let rounds = max(1, 16 / count)
        let first = try (0..<rounds).map { _ in try draw(pool, count: count) }
        let second = try (0..<rounds).map { _ in try draw(pool, count: count) }
        #expect(first != second)
    }

    @Test func `S39 no two threads draw the same block`() async throws {
        let blocks = try await withThrowingTaskGroup(of: [[UInt8]].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let pool = try RandomPool()
                    var blocks: [[UInt8]] = []
                    for _ in 0..<1000 { blocks.append(try draw(pool)) }
                    return blocks
                }
            }
            return try await group.reduce(into: [[UInt8]]()) { $0 += $1 }
        }
        #expect(Set(blocks).count == 8000)
    }

    /// Swift hides `fork`; the child does nothing but draw, write and leave.
    @Test func `S39 a fork and its parent never draw the same block`() throws {
        typealias Fork = @convention(c) () -> Int32
        let symbol = try #require(dlsym(nil, "fork"))
        let fork = unsafeBitCast(symbol, to: Fork.self)
        let pool = try RandomPool()
        _ = try draw(pool)
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let child = fork()
        if child == 0 {
            var frame = [UInt8](repeating: 0, count: 64)
            var span = frame.mutableSpan
            let drawn = (try? pool.fill(&span, in: 0..<64)) != nil
            write(ends[1], frame, drawn ? 64 : 0)
            _exit(0)
        }
        close(ends[1])
        var childs = [UInt8](repeating: 0, count: 64)
        #expect(read(ends[0], &childs, 64) == 64)
        close(ends[0])
        var status: Int32 = 0
        waitpid(child, &status, 0)
        let parents = try draw(pool, count: 64)
        #expect(childs != parents)
        #expect(childs != [UInt8](repeating: 0, count: 64))
    }
}
