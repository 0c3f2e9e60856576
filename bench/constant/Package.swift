// swift-tools-version: 6.2
import PackageDescription

/// Hummingbird with nothing in it: what the service's own figures are held against.
let package = Package(
    name: "constant",
    platforms: [.macOS(.v26)],
    dependencies: [.package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1")],
    targets: [
        .executableTarget(
            name: "constant", dependencies: [.product(name: "Hummingbird", package: "hummingbird")])
    ]
)
