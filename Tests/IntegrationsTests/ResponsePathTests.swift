import Encodings
import Testing

@testable import Integrations

@Suite("ResponsePath") struct ResponsePathTests {
    @Test func `paths lead through objects and arrays`() throws {
        let value = try JSONValue.parse(Array("{\"a\":{\"b\":[{\"c\":7}]},\"n\":null}".utf8))
        let path = try #require(ResponsePath("a.b.0.c"))
        #expect(value[path]?.text == "7")
        for text in ["a.b.1", "a.b.-1", "a.x", "n", "a.b.0.c.d"] {
            let path = try #require(ResponsePath(text))
            #expect(value[path] == nil)
        }
    }
}
