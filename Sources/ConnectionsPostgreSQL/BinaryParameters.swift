#if PostgreSQL
/// Parameters as libpq takes them: one array each of pointers, lengths and formats.
struct BinaryParameters {
    /// All values in a row.
    private var octets: [UInt8] = [0]
    /// Where each value begins; `nil` is null.
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []

    init(_ parameters: [Parameter]) {
        octets.reserveCapacity(512)
        offsets.reserveCapacity(parameters.count)
        lengths.reserveCapacity(parameters.count)
        for parameter in parameters {
            let start = octets.count
            let isNull = !parameter.append(to: &octets)
            offsets.append(isNull ? nil : start)
            lengths.append(Int32(clamping: octets.count - start))
        }
        // A value of no length at the very end must have an address, too.
        octets.append(0)
    }

    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) ->
            Result
    ) -> Result {
        let formats = [Int32](repeating: 1, count: offsets.count)
        return unsafe octets.withUnsafeBytes { buffer in
            let base = unsafe buffer.assumingMemoryBound(to: CChar.self).baseAddress
            let pointers = unsafe offsets.map { offset in
                unsafe offset.flatMap { offset in unsafe base.map { unsafe $0 + offset } }
            }
            return unsafe pointers.withUnsafeBufferPointer { pointers in
                unsafe lengths.withUnsafeBufferPointer { lengths in
                    unsafe formats.withUnsafeBufferPointer { formats in
                        unsafe body(pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
#endif
