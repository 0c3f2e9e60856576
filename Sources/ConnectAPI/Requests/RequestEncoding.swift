internal import Encodings

/// The encoding of a request's JSON, found as Python's `json.loads` finds it: by its mark, else by its NULs.
enum RequestEncoding: Equatable {
    case utf8(mark: Int)
    case utf16(mark: Int, isBigEndian: Bool)
    case utf32(mark: Int, isBigEndian: Bool)

    init(of body: Span<UInt8>) {
        func octet(_ index: Int) -> UInt8? { index < body.count ? body[index] : nil }
        self =
            switch (octet(0), octet(1), octet(2), octet(3)) {
            case (0x00, 0x00, 0xFE, 0xFF): .utf32(mark: 4, isBigEndian: true)
            case (0xFF, 0xFE, 0x00, 0x00): .utf32(mark: 4, isBigEndian: false)
            case (0xFE, 0xFF, _, _): .utf16(mark: 2, isBigEndian: true)
            case (0xFF, 0xFE, _, _): .utf16(mark: 2, isBigEndian: false)
            case (0xEF, 0xBB, 0xBF, _): .utf8(mark: 3)
            case (0x00, 0x00, .some, .some): .utf32(mark: 0, isBigEndian: true)
            case (0x00, .some, .some, .some), (0x00, .some, nil, nil): .utf16(mark: 0, isBigEndian: true)
            case (.some, 0x00, 0x00, 0x00): .utf32(mark: 0, isBigEndian: false)
            case (.some, 0x00, .some, .some), (.some, 0x00, nil, nil): .utf16(mark: 0, isBigEndian: false)
            default: .utf8(mark: 0)
            }
    }

    /// The same text in UTF-8, lone surrogates kept; nil for UTF-8, which needs no copy.
    func transcoded(_ body: Span<UInt8>) throws(RequestValidationError) -> [UInt8]? {
        switch self {
        case .utf8: nil
        case .utf16(let mark, let isBigEndian): try Self.fromUTF16(body, from: mark, isBigEndian)
        case .utf32(let mark, let isBigEndian): try Self.fromUTF32(body, from: mark, isBigEndian)
        }
    }

    private static func fromUTF16(
        _ body: Span<UInt8>, from mark: Int, _ isBigEndian: Bool
    ) throws(RequestValidationError) -> [UInt8] {
        func unit(_ index: Int) -> UInt32 {
            let (first, second) = (UInt32(body[index]), UInt32(body[index + 1]))
            return isBigEndian ? first << 8 | second : second << 8 | first
        }
        var text: [UInt8] = []
        text.reserveCapacity(body.count)
        var characterCount = 0
        var index = mark
        while index + 1 < body.count {
            var codePoint = unit(index)
            index += 2
            if 0xD800...0xDBFF ~= codePoint, index + 1 < body.count, 0xDC00...0xDFFF ~= unit(index) {
                codePoint = 0x10000 + (codePoint - 0xD800) << 10 + (unit(index) - 0xDC00)
                index += 2
            }
            text.append(codePoint: codePoint)
            characterCount += 1
        }
        guard index == body.count else { throw .invalidJSON(at: characterCount) }
        return text
    }

    private static func fromUTF32(
        _ body: Span<UInt8>, from mark: Int, _ isBigEndian: Bool
    ) throws(RequestValidationError) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(body.count / 2)
        var characterCount = 0
        var index = mark
        while index + 3 < body.count {
            var codePoint: UInt32 = 0
            for place in 0..<4 {
                codePoint |= UInt32(body[index + place]) << UInt32(isBigEndian ? 24 - 8 * place : 8 * place)
            }
            guard codePoint <= 0x10FFFF else { throw .invalidJSON(at: characterCount) }
            text.append(codePoint: codePoint)
            characterCount += 1
            index += 4
        }
        guard index == body.count else { throw .invalidJSON(at: characterCount) }
        return text
    }
}
