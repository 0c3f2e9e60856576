// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is compiled with; `.ci/run` adds the check that imports go down only.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Tests may be unsafe where the C library is; everything else holds for them, too.
let testing: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "symbolon",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "StateTokens", targets: ["StateTokens"]),
        .library(name: "Keyrings", targets: ["Keyrings"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0")
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "Cryptography", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(name: "StateTokens", dependencies: ["Cryptography"], swiftSettings: strict),
        .target(name: "Keyrings", dependencies: ["Cryptography", "StateTokens"], swiftSettings: strict),
        .target(name: "Connections", dependencies: ["Cryptography", "StateTokens"], swiftSettings: strict),
        .target(
            name: "ConnectionsSQLite",
            dependencies: ["Connections", "StateTokens", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .target(
            name: "ConnectionsTesting", dependencies: ["Connections", "StateTokens"], swiftSettings: strict),

        .testTarget(name: "CryptographyTests", dependencies: ["Cryptography"], swiftSettings: testing),
        .testTarget(
            name: "KeyringsTests", dependencies: ["Keyrings", "StateTokens"], swiftSettings: testing),
        .testTarget(
            name: "StateTokensTests", dependencies: ["StateTokens"], exclude: ["Vectors"],
            swiftSettings: testing),
        .testTarget(
            name: "ConnectionsTests", dependencies: ["Connections", "Cryptography", "StateTokens"],
            swiftSettings: testing),
        .testTarget(
            name: "ConnectionsSQLiteTests",
            dependencies: [
                "Connections", "ConnectionsSQLite", "ConnectionsTesting", "StateTokens",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: testing),
    ]
)
