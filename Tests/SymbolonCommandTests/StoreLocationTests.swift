import Testing

@testable import SymbolonCommands

@Suite("StoreLocation") struct StoreLocationTests {
    @Test(arguments: [
        ("postgresql://u:p@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:p@w@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:p/w?@h/d", "postgresql://u:***@h/d"),
        ("postgres://u:@h/d", "postgres://u:***@h/d"),
        ("postgresql://u@h/d?password=p&sslmode=require", "postgresql://u@h/d?password=***&sslmode=require"),
        ("postgresql://h/d?sslmode=require&PASSWORD=p", "postgresql://h/d?sslmode=require&PASSWORD=***"),
        ("postgresql://h/d?sslpassword=p", "postgresql://h/d?sslpassword=***"),
    ])
    func `S23 a password is seen, and not shown`(_ url: String, _ shown: String) {
        #expect(StoreLocation.hasPassword(url))
        #expect(StoreLocation.withoutPassword(url) == shown)
    }

    @Test(arguments: [
        "postgresql://u@h/d", "postgresql://h:5432/d", "postgresql:///d?host=/run/postgresql",
        "postgresql://a:1,b:2/d?target_session_attrs=read-write", "sqlite:a:b@c",
        "postgresql://u@h/d?passfile=/etc/pgpass",
    ])
    func `a URL without a password is shown as it is`(_ url: String) {
        #expect(!StoreLocation.hasPassword(url))
    }

    @Test(arguments: ["", "sqlite:", "symbolon.sqlite", "mysql://h/d", "postgresql:d"])
    func `what is no place of a store is refused`(_ text: String) {
        #expect(throws: StoreLocationError.unknown) { try StoreLocation(text) }
    }
}
