package import Glibc
internal import Synchronization

/// One value per thread, made at the thread's first use, so that what cannot be shared needs no lock.
///
/// A thread's value goes with the thread or with this object, whichever ends first.
package final class ThreadLocal<Value: AnyObject>: Sendable {
    @usableFromInline let key: pthread_key_t

    package init() {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { pointer in
            if let pointer = unsafe pointer { unsafe ThreadSlot.leave(pointer) }
        }
        precondition(status == 0, "the process has no thread-specific data keys left (errno \(status))")
        self.key = key
    }

    deinit {
        // First the key, so that no thread that ends from now on finds a slot under it.
        pthread_key_delete(key)
        ThreadSlot.removeAll(under: key)
    }

    /// This thread's value, made with `make` if it has none yet, to be lent while this object lives.
    @inlinable @inline(__always) package func value<Failure: Error>(
        orMake make: () throws(Failure) -> Value
    ) throws(Failure) -> Unmanaged<Value> {
        if let pointer = unsafe pthread_getspecific(key) { return unsafe .fromOpaque(pointer) }
        return unsafe insert(try make())
    }

    @usableFromInline func insert(_ value: Value) -> Unmanaged<Value> {
        let pointer = unsafe ThreadSlot.insert(value, under: key)
        unsafe pthread_setspecific(key, pointer)
        return unsafe .fromOpaque(pointer)
    }
}

/// What holds a thread's value.
///
/// All slots of the process are held here and nowhere else. When a thread and its ``ThreadLocal`` end at the same time, the
/// one that takes the slot out first releases it, and the other finds nothing.
// Sendable without a check, and safe: its properties are constants. What `value` refers to need not be Sendable, because it is
// used by its own thread alone; another thread only releases it, in `removeAll`, when its `ThreadLocal` is gone and with it
// the only way to use it. The table of slots is behind a lock, which orders the two.
final class ThreadSlot: @unchecked Sendable {
    let value: AnyObject
    private let key: pthread_key_t
    private let thread: pthread_t

    private static let slots = Mutex<[UInt: ThreadSlot]>([:])

    private init(_ value: AnyObject, under key: pthread_key_t) {
        self.value = value
        self.key = key
        thread = pthread_self()
    }

    /// Holds a value for this thread; the pointer, which is the value's own, is good until the slot is taken out.
    static func insert(_ value: AnyObject, under key: pthread_key_t) -> UnsafeMutableRawPointer {
        let slot = ThreadSlot(value, under: key)
        let pointer = unsafe Unmanaged.passUnretained(value).toOpaque()
        let address = UInt(bitPattern: pointer)
        slots.withLock { $0[address] = slot }
        return unsafe pointer
    }

    /// Takes out this thread's slot at its end. The pointer may be stale, so it is looked up and not followed.
    static func leave(_ pointer: UnsafeMutableRawPointer) {
        let address = UInt(bitPattern: pointer)
        let slot = slots.withLock { slots -> ThreadSlot? in
            // Another thread's slot may have come to stand at the address of one that is gone.
            guard let slot = slots[address], pthread_equal(slot.thread, pthread_self()) != 0 else {
                return nil
            }
            return slots.removeValue(forKey: address)
        }
        // Released outside the lock, because a value's deinitialiser can do anything.
        withExtendedLifetime(slot) {}
    }

    /// Takes out the slots of all threads.
    static func removeAll(under key: pthread_key_t) {
        let removed = slots.withLock { slots -> [ThreadSlot] in
            let found = slots.filter { $0.value.key == key }
            for address in found.keys { slots[address] = nil }
            return Array(found.values)
        }
        withExtendedLifetime(removed) {}
    }
}
