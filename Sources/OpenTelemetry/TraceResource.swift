/// What spans are of: one process of a service.
package struct TraceResource: Sendable {
    package let serviceName: String
    package let serviceVersion: String
    /// Another one in each process.
    package let instanceID: String

    package init(serviceName: String, serviceVersion: String, instanceID: String) {
        self.serviceName = serviceName
        self.serviceVersion = serviceVersion
        self.instanceID = instanceID
    }

    /// By the semantic conventions.
    var attributes: [(name: String, value: String)] {
        [
            ("service.name", serviceName), ("service.version", serviceVersion),
            ("service.instance.id", instanceID), ("telemetry.sdk.language", "swift"),
            ("telemetry.sdk.name", serviceName), ("telemetry.sdk.version", serviceVersion),
        ]
    }
}
