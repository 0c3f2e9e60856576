import Testing

@testable import OAuthHTTP

@Suite("CacheLifetime") struct CacheLifetimeTests {
    @Test(
        arguments: [
            (["public, max-age=19800, must-revalidate"], nil, 19800), (["MAX-AGE=60"], nil, 60),
            (["max-age=\"60\""], nil, 60), (["public", "max-age=60"], nil, 60),
            (["max-age=60, max-age=7"], nil, 60),
            (["max-age=60"], "20", 40), (["max-age=60"], "90", 0), (["max-age=60"], "soon", 60),
            (["max-age=60, no-cache"], nil, 0), (["no-store"], nil, 0), (["max-age=0"], nil, 0),
            (["max-age=99999999999999999999"], nil, 1 << 31),
        ] as [([String], String?, Int)])
    func `what a response says of its age is read`(_ values: [String], _ age: String?, _ seconds: Int) {
        #expect(CacheLifetime.read(cacheControl: values, age: age) == .seconds(seconds))
    }

    @Test(arguments: [
        [], [""], [","], ["public"], ["max-age"], ["max-age="], ["max-age=-1"], ["max-age=1.5"],
        ["max-age=x"],
        ["s-maxage=60"], ["x-max-age=60"],
    ])
    func `what says nothing readable says nothing`(_ values: [String]) {
        #expect(CacheLifetime.read(cacheControl: values, age: "1") == nil)
    }
}
