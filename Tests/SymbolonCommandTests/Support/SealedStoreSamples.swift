import Keyrings
import StateTokens
import TestSupport

/// A folder with a keyring of one key and a store whose rows are sealed under it.
struct SealedStoreSamples {
    let samples: RingSamples
    let store: StoreSamples
    let key: Key

    init() throws {
        samples = try RingSamples()
        key = try samples.write(RingSamples.key(1), purpose: .connections).keys[0]
        store = try StoreSamples(in: samples.folder)
    }
}

/// A suite of a command that works on such a store.
protocol SealedStoreSuite {
    var sealed: SealedStoreSamples { get }
}

extension SealedStoreSuite {
    var samples: RingSamples { sealed.samples }
    var store: StoreSamples { sealed.store }
    var key: Key { sealed.key }
    var folder: TemporaryFolder { sealed.samples.folder }
}
