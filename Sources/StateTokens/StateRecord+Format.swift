/// What this code reads and writes in a state's record, so that releases can be compared.
package enum StateRecordFormat {
    /// The record's first octet.
    package static let version = Int(StateRecord.version)
    /// The optional fields that are known, a bit each. A record with another one is rejected.
    package static let fields = StateRecord.Fields.known.rawValue
}
