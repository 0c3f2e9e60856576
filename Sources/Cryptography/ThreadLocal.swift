internal import Glibc
internal import Synchronization

/// One value a thread, made at the thread's first use, so that what cannot be shared needs no lock.
///
/// A thread's value goes with the thread or with this object, whichever ends first. (If it is this object, a few octets
/// of the threads that are still running are kept until they end.)
package final class ThreadLocal<Value: AnyObject>: Sendable {
    private let key: pthread_key_t
    private let slots = Slots()

    package init() {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { pointer in
            guard let pointer = unsafe pointer else { return }
            unsafe Unmanaged<Slot>.fromOpaque(pointer).takeRetainedValue().leave()
        }
        precondition(status == 0, "the process has no thread-specific data keys left (errno \(status))")
        self.key = key
    }

    deinit {
        pthread_key_delete(key)
        slots.removeAll()
    }

    /// This thread's value, made with `make` if it has none yet.
    package func value<Failure: Error>(
        orMake make: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        if let pointer = unsafe pthread_getspecific(key) {
            let slot = unsafe Unmanaged<Slot>.fromOpaque(pointer)
            if let value = unsafe slot._withUnsafeGuaranteedRef({ $0.value }) {
                return unsafe unsafeDowncast(value, to: Value.self)
            }
        }
        let value = try make()
        let slot = Slot(value: value, slots: slots)
        slots.insert(slot)
        unsafe pthread_setspecific(key, Unmanaged.passRetained(slot).toOpaque())
        return value
    }
}

/// What a thread's entry points to.
// `value` is used by its own thread alone, and emptied either at that thread's end or when nobody can use it any more.
private final class Slot: @unchecked Sendable {
    var value: AnyObject?
    private let slots: Slots

    init(value: AnyObject, slots: Slots) {
        self.value = value
        self.slots = slots
    }

    func leave() {
        value = nil
        slots.remove(self)
    }
}

/// All slots of one ``ThreadLocal``, so that they can be emptied with it.
private final class Slots: Sendable {
    private let all = Mutex<[ObjectIdentifier: Slot]>([:])

    func insert(_ slot: Slot) { all.withLock { $0[ObjectIdentifier(slot)] = slot } }

    func remove(_ slot: Slot) { all.withLock { $0[ObjectIdentifier(slot)] = nil } }

    func removeAll() {
        let slots = all.withLock { slots in
            defer { slots = [:] }
            return Array(slots.values)
        }
        for slot in slots { slot.value = nil }
    }
}
