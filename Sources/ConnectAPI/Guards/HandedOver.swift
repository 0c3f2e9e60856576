internal import Access
internal import ConnectService
internal import Synchronization

/// A request that an event loop admitted and could not answer: what was found out about it is not asked again.
package struct AdmittedRequest: Sendable {
    /// Its target, so that it is not taken for another.
    let target: String
    let origin: RequestOrigin
    /// Of a request for a token: its credential is counted once.
    let caller: (principal: Principal, workspaceID: String)?

    init(
        target: String, origin: RequestOrigin,
        caller: (principal: Principal, workspaceID: String)? = nil
    ) {
        self.target = target
        self.origin = origin
        self.caller = caller
    }
}

/// Where the event loop of a connection leaves what it knows of the next request behind it.
///
/// There is one at most: the event loop looks at a request only while none is in progress behind it.
package final class HandedOver: Sendable {
    /// That of the connection which the current task serves.
    @TaskLocal static var current: HandedOver?

    private let request = Mutex<AdmittedRequest?>(nil)

    package init() {}

    func leave(_ admitted: AdmittedRequest) { request.withLock { $0 = admitted } }

    func take() -> AdmittedRequest? {
        request.withLock { request in
            defer { request = nil }
            return request
        }
    }
}
