import Connections
import Testing

@testable import ConnectService

@Suite("Store outages in the log") struct StoreOutageLogTests {
    @Test func `an outage is logged once at its beginning and once at its end, in words`() {
        let logs = LogRecorder()
        let outage = StoreOutageLog(logs.logger, waiting: "webhooks")
        outage.reached()
        #expect(logs.text.isEmpty)
        for _ in 0..<3 { outage.failed(.unavailable(reason: "the server closed the connection")) }
        #expect(logs.text.split(separator: "\n").count == 1)
        #expect(logs.text.contains("the store cannot be reached: the server closed the connection"))
        #expect(!logs.text.contains("reason:"))
        for _ in 0..<3 { outage.reached() }
        outage.failed(.corrupt(reason: "another one"))
        #expect(logs.text.split(separator: "\n").count == 3)
        #expect(logs.text.contains("webhooks go on"))
    }
}
