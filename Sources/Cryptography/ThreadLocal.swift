internal import Glibc

/// One value a thread, made at the thread's first use, so that what cannot be shared needs no lock.
///
/// A thread's value goes with the thread or with this object, whichever ends first.
package final class ThreadLocal<Value: AnyObject>: Sendable {
    private let key: pthread_key_t

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

    /// This thread's value, made with `make` if it has none yet.
    package func value<Failure: Error>(
        orMake make: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        if let pointer = unsafe pthread_getspecific(key) {
            let value = unsafe Unmanaged<ThreadSlot>.fromOpaque(pointer)._withUnsafeGuaranteedRef { $0.value }
            return unsafe unsafeDowncast(value, to: Value.self)
        }
        let value = try make()
        let pointer = unsafe ThreadSlot.insert(value, under: key)
        unsafe pthread_setspecific(key, pointer)
        return value
    }
}
