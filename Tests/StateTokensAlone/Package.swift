// swift-tools-version: 6.2
import PackageDescription

/// Uses the library as others do: by its product, and nothing else of the project.
let package = Package(
    name: "StateTokensAlone",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "symbolon", path: "../..")],
    targets: [
        .executableTarget(
            name: "StateTokensAlone",
            dependencies: [.product(name: "StateTokens", package: "symbolon")])
    ]
)
