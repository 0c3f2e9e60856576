import Connections

extension CommandError {
    init(_ error: StoreError) {
        switch error {
        case .unavailable(let reason): self.init(.unavailable, "the store cannot be reached: \(reason)")
        case .corrupt(let reason): self.init(.configuration, "the store cannot be used: \(reason)")
        case .unreadable(let fault): self.init(.refused, "a row cannot be read: \(fault)")
        case .revisionConflict, .notFound, .alreadyExists, .badCursor:
            self.init(.refused, "the store's rows have changed in the meantime: run this again")
        }
    }
}
