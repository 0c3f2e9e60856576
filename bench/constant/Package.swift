// swift-tools-version: 6.2
import PackageDescription

/// Hummingbird, and SwiftNIO, with nothing in them: what the service's own figures are held against.
let package = Package(
    name: "constant",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.81.0"),
    ],
    targets: [
        .executableTarget(
            name: "bare",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .executableTarget(
            name: "constant", dependencies: [.product(name: "Hummingbird", package: "hummingbird")]),
    ]
)
