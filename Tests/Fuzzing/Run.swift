/// The run of one target. libFuzzer calls with an input and nothing else, so this is global; it has one thread.
enum Run {
    private nonisolated(unsafe) static var target: (any FuzzTarget)?
    private nonisolated(unsafe) static var total = Count()

    static func start(_ type: any FuzzTarget.Type) {
        do {
            target = try type.init()
        } catch {
            fatalError("the target is not ready: \(error)")
        }
    }

    static var summary: String { "tried \(total.tried) accepted \(total.accepted) forged \(total.forged)" }

    static func read(_ input: [UInt8]) {
        do {
            if let counted = try target?.read(input) { total += counted }
        } catch {
            fatalError("unexpected: \(error)")
        }
    }

    static func mutated(_ input: [UInt8], with random: inout FuzzRandom) -> [UInt8]? {
        target?.mutated(input, with: &random)
    }
}

/// Called by libFuzzer with an input.
@_cdecl("LLVMFuzzerTestOneInput") func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Run.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// Asked by libFuzzer for the next input, in place.
@_cdecl("LLVMFuzzerCustomMutator") func mutate(
    _ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int, _ seed: UInt32
) -> Int {
    var random = FuzzRandom(seed: UInt64(seed))
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard random.below(8) > 0, let next = Run.mutated(input, with: &random), next.count <= capacity else {
        return mutateAsUsual(start, count, capacity)
    }
    _ = UnsafeMutableBufferPointer(start: start, count: next.count).initialize(fromContentsOf: next)
    return next.count
}

@_silgen_name("LLVMFuzzerMutate") private func mutateAsUsual(
    _ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int
) -> Int
