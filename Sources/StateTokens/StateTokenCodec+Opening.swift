internal import Cryptography

extension StateTokenCodec {
    /// Opens the sealed octets in `output`, in place, and reads the record.
    func open(
        _ output: inout OutputSpan<UInt8>, in lane: SealingLane
    ) throws(StateTokenError) -> VerifiedState {
        let byteCount = output.count
        let tagOffset = byteCount - SealedFrame.tagByteCount
        let key: KeyContext
        do throws(OpenError) {
            key = try lane.openingContext(for: SealedFrame.keyID(of: output.span))
        } catch {
            throw StateTokenError(error)
        }
        let isAuthentic: Bool
        do throws(CryptographyError) {
            isAuthentic = try key.authenticates(output.span, prefix: associatedData, context: Span())
            if isAuthentic {
                var frame = output.mutableSpan
                try key.decrypt(&frame)
            }
        } catch {
            throw .unavailable
        }
        guard isAuthentic else { throw .forged }
        let sealed = output.span
        do {
            let record = sealed.extracting(SealedFrame.contents(ofFrame: byteCount))
            let state = try StateRecord.read(record)
            return VerifiedState(
                state: state, flowID: FlowID(sealed: sealed, tagOffset: tagOffset), keyID: key.id)
        } catch {
            throw .unreadable
        }
    }
}

extension StateTokenError {
    init(_ error: OpenError) {
        self =
            switch error {
            case .malformed: .malformed
            case .unknownKey(let id): .unknownKey(id)
            case .disabledKey(let id): .disabledKey(id)
            case .forged: .forged
            case .unavailable: .unavailable
            }
    }
}
