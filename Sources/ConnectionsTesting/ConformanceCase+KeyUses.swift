import Connections
import StateTokens
import Testing

/// When API keys were last used, which all replicas note in one place.
extension ConformanceCase {
    static var keyUseCases: [ConformanceCase] {
        [
            ConformanceCase("the last use of a key on any replica counts, whichever is noted last") {
                harness in
                let store = try #require(harness.store as? any APIKeyUseStore)
                let replica = try #require(harness.replica as? any APIKeyUseStore)
                func time(_ seconds: Int64) -> Timestamp { Timestamp(secondsSinceEpoch: seconds) }
                #expect(try await store.keyUses().isEmpty)
                try await store.noteKeyUses([:])
                try await store.noteKeyUses(["key_1": time(120), "key_2": time(60)])
                try await replica.noteKeyUses(["key_1": time(60), "key_2": time(180)])
                let expected = ["key_1": time(120), "key_2": time(180)]
                #expect(try await store.keyUses() == expected)
                #expect(try await replica.keyUses() == expected)
                // What no row can hold is left out, and keeps nothing else from being noted.
                try await store.noteKeyUses(["key\0": time(1), "key_3": time(240), "Key_1": time(1)])
                #expect(
                    try await store.keyUses() == [
                        "key_1": time(120), "key_2": time(180), "key_3": time(240), "Key_1": time(1),
                    ])
            }
        ]
    }
}
