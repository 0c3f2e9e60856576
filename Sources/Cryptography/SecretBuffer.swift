/// A buffer for secrets in use, allocated once and used again; what was written is wiped after each use.
///
/// It belongs to one thread, and to one use at a time. What changes lies behind a pointer, so that nothing here is mutating
/// and no access to it has to be checked.
@safe package struct SecretBuffer: ~Copyable {
    private let storage: UnsafeMutableBufferPointer<UInt8>

    package init(capacity: Int) {
        let memory = unsafe SecretMemory.allocate(byteCount: capacity)
        unsafe storage = UnsafeMutableBufferPointer(
            start: memory.bindMemory(to: UInt8.self, capacity: capacity), count: capacity)
    }

    deinit {
        guard let memory = unsafe storage.baseAddress else { return }
        unsafe SecretMemory.release(UnsafeMutableRawPointer(memory), byteCount: storage.count)
    }

    /// Hands out the empty buffer for as long as the call lasts.
    package func withOutputSpan<Result, Failure: Error>(
        _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var output = unsafe OutputSpan(buffer: storage, initializedCount: 0)
        defer {
            var written = output.mutableSpan
            wipe(&written)
        }
        return try body(&output)
    }
}
