// swift-tools-version: 6.2
import PackageDescription

/// Those who only count instructions need no peer, and need not build one.
let isCounting = Context.environment["SYMBOLON_COUNTING"] != nil
let crypto: [Target.Dependency] = isCounting ? [] : [.product(name: "Crypto", package: "swift-crypto")]

/// What `bench/tokens` measures in Swift and C: the library by its product, and the floor that it is held against.
let package = Package(
    name: "tokens",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "symbolon", path: "../..")
    ] + (isCounting ? [] : [.package(url: "https://github.com/apple/swift-crypto", from: "4.5.0")]),
    targets: [
        .target(name: "Floor", linkerSettings: [.linkedLibrary("crypto")]),
        .executableTarget(
            name: "tokens",
            dependencies: ["Floor", .product(name: "StateTokens", package: "symbolon")] + crypto,
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error),
            ]),
    ]
)
