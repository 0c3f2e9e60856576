import Connections

extension CommandError {
    init(_ error: StoreError) {
        switch error {
        // The file and the server are there, and to wait for them would not help.
        case .unavailable(let reason, .newer): self.init(.configuration, "\(reason).")
        case .unavailable(let reason, _): self.init(.unavailable, "the store cannot be reached: \(reason)")
        case .corrupt(let reason): self.init(.configuration, "the store cannot be used: \(reason)")
        case .unreadable(let fault): self.init(.refused, "a row cannot be read: \(fault)")
        case .revisionConflict, .notFound, .alreadyExists, .alreadyConnected, .badCursor:
            self.init(.refused, "the store's rows have changed in the meantime: run this again")
        }
    }
}
