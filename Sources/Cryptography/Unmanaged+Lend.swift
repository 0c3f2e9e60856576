extension Unmanaged {
    /// Lends the object to `body`: no reference is counted, which would take longer than much of what is done with it.
    ///
    /// The object must be held elsewhere for as long as the call lasts. A large result is copied on its way out.
    @inlinable @inline(__always) package func lend<Result, Failure: Error>(
        to body: (Instance) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Through a result, because the standard library's own way knows no typed errors.
        try unsafe _withUnsafeGuaranteedRef { object -> Swift.Result<Result, Failure> in
            do throws(Failure) {
                return .success(try body(object))
            } catch {
                return .failure(error)
            }
        }.get()
    }
}
