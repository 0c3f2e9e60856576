/// The octets with a meaning in JSON (RFC 8259 §2).
extension UInt8 {
    package static var tab: UInt8 { 0x09 }
    package static var lineFeed: UInt8 { 0x0A }
    package static var carriageReturn: UInt8 { 0x0D }
    package static var space: UInt8 { 0x20 }
    package static var quotationMark: UInt8 { 0x22 }
    package static var plus: UInt8 { 0x2B }
    package static var comma: UInt8 { 0x2C }
    package static var minus: UInt8 { 0x2D }
    package static var fullStop: UInt8 { 0x2E }
    package static var zero: UInt8 { 0x30 }
    package static var colon: UInt8 { 0x3A }
    package static var leftBracket: UInt8 { 0x5B }
    package static var backslash: UInt8 { 0x5C }
    package static var rightBracket: UInt8 { 0x5D }
    package static var leftBrace: UInt8 { 0x7B }
    package static var rightBrace: UInt8 { 0x7D }
}
