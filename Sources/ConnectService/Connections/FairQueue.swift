/// Items that wait for their turn, each of an integration.
///
/// At most a quarter of the concurrency goes to one integration, so that a provider that does not respond leaves room
/// for the others.
struct FairQueue<Item> {
    private var waiting: [Item]
    private let concurrency: Int
    private let integrationID: (Item) -> String
    private var running: [String: Int] = [:]
    private var runningCount = 0

    init(_ items: [Item], concurrency: Int, by integrationID: @escaping (Item) -> String) {
        waiting = items
        self.concurrency = concurrency
        self.integrationID = integrationID
    }

    /// How many of one integration may run at once.
    static func share(of concurrency: Int) -> Int { max(1, concurrency / 4) }

    /// The first item that may run now, which it does until it is finished; `nil` if there is none.
    mutating func next() -> Item? {
        guard runningCount < concurrency else { return nil }
        let share = Self.share(of: concurrency)
        let index = waiting.firstIndex { running[integrationID($0), default: 0] < share }
        guard let index else { return nil }
        let item = waiting.remove(at: index)
        running[integrationID(item), default: 0] += 1
        runningCount += 1
        return item
    }

    mutating func finish(_ item: Item) {
        running[integrationID(item), default: 1] -= 1
        runningCount -= 1
    }
}
