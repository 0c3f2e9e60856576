/// Secret octets: locked into memory where the system allows it, wiped when released, compared in constant time, and
/// never printed.
// Sendable without a check, and safe: the memory is written once, in `init`, before the value can be shared. After
// that it is only read, until `deinit`, which runs when the last reference is gone.
@safe package final class SecretBytes: @unchecked Sendable {
    private let storage: UnsafeMutableBufferPointer<UInt8>

    package init(_ octets: Span<UInt8>) {
        let memory = unsafe SecretMemory.allocate(byteCount: octets.count)
        unsafe storage = UnsafeMutableBufferPointer(
            start: memory.bindMemory(to: UInt8.self, capacity: octets.count), count: octets.count)
        for index in octets.indices { unsafe storage.initializeElement(at: index, to: octets[index]) }
    }

    deinit {
        guard let memory = unsafe storage.baseAddress else { return }
        unsafe SecretMemory.release(UnsafeMutableRawPointer(memory), byteCount: storage.count)
    }

    package var count: Int { unsafe storage.count }

    /// The octets, for as long as the call lasts.
    package func withSpan<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let span = unsafe Span(_unsafeElements: storage)
        return try body(span)
    }
}

extension SecretBytes: Equatable {
    package static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        left.withSpan { a in right.withSpan { b in constantTimeEqual(a, b) } }
    }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    package var description: String { "(secret, \(count) octets)" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

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
