// swift-tools-version: 6.2
import PackageDescription

/// A web app that logs its users in by StateTokens, as the page `HummingbirdLogin` shows it.
let package = Package(
    name: "HummingbirdLogin",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "symbolon", path: "../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .executableTarget(
            name: "HummingbirdLogin",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Keyrings", package: "symbolon"),
                .product(name: "StateTokens", package: "symbolon"),
            ]),
        .executableTarget(
            name: "ExpiredState",
            dependencies: [
                .product(name: "Keyrings", package: "symbolon"),
                .product(name: "StateTokens", package: "symbolon"),
            ]),
    ]
)
