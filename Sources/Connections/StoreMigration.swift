/// One step from one version of a store's tables to the next.
package struct StoreMigration: Sendable, Hashable {
    package let version: Int
    package let sql: String

    package init(version: Int, sql: String) {
        self.version = version
        self.sql = sql
    }
}
