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
        .executable(name: "symbolon", targets: ["symbolon"]),
    ],
    traits: [
        .trait(
            name: "PostgreSQL",
            description:
                "The store for several replicas; needs libpq. Without it nothing of libpq is looked for.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["CommandLineArguments", "YAML"]),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Its handlers are put into a pipeline of ours, so that a minor release is looked at first.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", .upToNextMinor(from: "2.28.1")),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        // Files of other kinds than Swift: a plugin makes each a string literal of its target.
        .plugin(
            name: "EmbedResources", capability: .buildTool(), dependencies: ["embed-resources"],
            path: "Sources/EmbedResources/Plugin"),
        .executableTarget(
            name: "embed-resources", path: "Sources/EmbedResources/Tool", swiftSettings: strict),
        .target(name: "Cryptography", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(name: "Encodings", swiftSettings: strict),
        .target(name: "StateTokens", dependencies: ["Cryptography", "Encodings"], swiftSettings: strict),
        .target(
            name: "Keyrings", dependencies: ["Cryptography", "Encodings", "StateTokens"],
            swiftSettings: strict),
        .target(
            name: "Integrations",
            dependencies: ["Cryptography", "Encodings", .product(name: "Yams", package: "Yams")],
            exclude: ["Catalog", "Provenance"], swiftSettings: strict, plugins: ["EmbedResources"]),
        .target(
            name: "OAuth",
            dependencies: ["Cryptography", "Encodings", "Integrations", "JSONWebTokens", "StateTokens"],
            swiftSettings: strict),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "OAuthHTTP",
            dependencies: [
                "CZlib", "Encodings", "Integrations", "OAuth", "StateTokens",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], swiftSettings: strict),
        .target(
            name: "Connections", dependencies: ["Cryptography", "Encodings", "StateTokens"],
            swiftSettings: strict),
        .target(
            name: "ConnectionsSQLite",
            dependencies: [
                "Connections", "StateTokens", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ], swiftSettings: strict),
        // Without the trait nothing depends on libpq, and the files are empty.
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "ConnectionsPostgreSQL",
            dependencies: [
                .target(name: "CPostgreSQL", condition: .when(traits: ["PostgreSQL"])), "Connections",
                "StateTokens",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        .target(
            name: "JSONWebTokens", dependencies: ["Cryptography", "Encodings", "StateTokens"],
            swiftSettings: strict),
        .target(
            name: "PrometheusMetrics",
            dependencies: [.product(name: "CoreMetrics", package: "swift-metrics")], swiftSettings: strict),
        // A back end for swift-distributed-tracing, and an exporter; it knows nothing of OAuth.
        .target(
            name: "OpenTelemetry",
            dependencies: [
                "Encodings",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], swiftSettings: strict),
        .target(
            name: "Access",
            dependencies: [
                "Cryptography", "Encodings", "JSONWebTokens", "Keyrings", "StateTokens",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .target(
            name: "ConnectService",
            dependencies: [
                "Access",
                "Connections", "Cryptography", "Encodings", "Integrations", "JSONWebTokens", "Keyrings",
                "OAuth",
                "OAuthHTTP", "OpenTelemetry", "StateTokens",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], swiftSettings: strict),
        .target(
            name: "ConnectPages",
            dependencies: [
                "Cryptography", "Encodings",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
            ], exclude: ["Resources"], swiftSettings: strict, plugins: ["EmbedResources"]),
        .target(
            name: "Sandbox",
            dependencies: [
                "ConnectPages", "Cryptography", "Encodings", "Integrations", "StateTokens",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ], swiftSettings: strict),
        // Providers made of provenance facts, for tests and `symbolon integrations try`.
        .target(
            name: "Mirrors",
            dependencies: [
                "Cryptography", "Encodings", "Integrations", "OAuth", "OAuthHTTP",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict, plugins: ["EmbedResources"]),
        .target(
            name: "ConnectAPI",
            dependencies: [
                "Access", "ConnectPages", "ConnectService", "Connections", "Cryptography", "Encodings",
                "Integrations", "OAuth", "OAuthHTTP", "OpenTelemetry", "Sandbox", "StateTokens",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], exclude: ["Resources"], swiftSettings: strict, plugins: ["EmbedResources"]),
        .executableTarget(name: "symbolon", dependencies: ["SymbolonCommands"], swiftSettings: strict),
        .target(
            name: "SymbolonCommands",
            dependencies: [
                "Access", "ConnectAPI", "ConnectService", "Connections", "Encodings",
                .target(name: "ConnectionsPostgreSQL", condition: .when(traits: ["PostgreSQL"])),
                "ConnectionsSQLite", "Cryptography", "Integrations", "JSONWebTokens", "Keyrings", "OAuth",
                "Mirrors", "OAuthHTTP", "OpenTelemetry", "PrometheusMetrics", "Sandbox", "StateTokens",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], exclude: ["Chart", "Deployment"], swiftSettings: strict, plugins: ["EmbedResources"]),
        .target(
            name: "ConnectionsTesting", dependencies: ["Connections", "StateTokens"], swiftSettings: strict),

        // What several test targets need: servers, ports, folders.
        .target(
            name: "TestSupport",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], path: "Tests/TestSupport", swiftSettings: testing),

        .testTarget(name: "CryptographyTests", dependencies: ["Cryptography"], swiftSettings: testing),
        .testTarget(
            name: "EncodingsTests", dependencies: ["Cryptography", "Encodings"], swiftSettings: testing),
        .testTarget(
            name: "KeyringsTests", dependencies: ["Keyrings", "StateTokens"], swiftSettings: testing),
        .testTarget(
            name: "StateTokensTests", dependencies: ["Encodings", "StateTokens"], exclude: ["Vectors"],
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
        .testTarget(
            name: "ConnectionsPostgreSQLTests",
            dependencies: [
                "Connections", "ConnectionsPostgreSQL", "ConnectionsTesting", "StateTokens", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: testing),
        .testTarget(
            name: "ConnectServiceTests",
            dependencies: [
                "Access", "ConnectService", "Connections", "ConnectionsPostgreSQL", "ConnectionsSQLite",
                "ConnectionsTesting", "Cryptography", "Encodings", "Integrations", "JSONWebTokens",
                "Keyrings", "OAuth", "OAuthHTTP", "OpenTelemetry", "StateTokens", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], swiftSettings: testing),
        .testTarget(
            name: "JSONWebTokensTests",
            dependencies: ["Cryptography", "Encodings", "JSONWebTokens", "StateTokens"],
            exclude: ["Vectors"], swiftSettings: testing),
        .testTarget(
            name: "PrometheusMetricsTests",
            dependencies: [
                "PrometheusMetrics", .product(name: "CoreMetrics", package: "swift-metrics"),
            ], swiftSettings: testing),
        .testTarget(
            name: "OpenTelemetryTests",
            dependencies: [
                "Encodings", "OpenTelemetry",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], swiftSettings: testing),
        .testTarget(
            name: "IntegrationsTests", dependencies: ["Encodings", "Integrations"], swiftSettings: testing),
        .testTarget(
            name: "OAuthTests",
            dependencies: ["Cryptography", "Encodings", "Integrations", "OAuth", "StateTokens"],
            swiftSettings: testing
        ),
        // Every entry of the catalog, against what public sources say of it.
        .testTarget(
            name: "CatalogTests",
            dependencies: [
                "ConnectService", "Cryptography", "Encodings", "Integrations", "Mirrors", "OAuth",
                "OAuthHTTP", "StateTokens",
            ], swiftSettings: testing),
        .testTarget(
            name: "OAuthHTTPTests",
            dependencies: [
                "Encodings", "Integrations", "OAuth", "OAuthHTTP", "OpenTelemetry", "StateTokens",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], swiftSettings: testing),
        // Examples of the documentation, as tests run them.
        .executableTarget(
            name: "ConfirmExample", dependencies: ["StateTokens"],
            path: "Tests/EndToEndTests/Examples/confirm/swift", swiftSettings: testing),
        .executableTarget(
            name: "PageExample",
            dependencies: [
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            path: "Tests/EndToEndTests/Examples/page/swift", swiftSettings: testing),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "ConfirmExample", "Encodings", "Keyrings", "PageExample", "StateTokens", "SymbolonCommands",
                "symbolon",
                "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Yams", package: "Yams"),
            ], exclude: ["Examples", "Releases", "Servers"], swiftSettings: testing),
        .testTarget(
            name: "SymbolonCommandTests",
            dependencies: [
                "Access", "ConnectService", "Connections", "ConnectionsSQLite", "ConnectionsTesting",
                "Cryptography", "Encodings",
                "Keyrings", "OAuthHTTP", "OpenTelemetry", "StateTokens", "SymbolonCommands", "symbolon",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ], exclude: ["StandIns"], swiftSettings: testing),
        .testTarget(
            name: "KeysScriptTests",
            dependencies: [
                "symbolon", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], exclude: ["StandIns"], swiftSettings: testing),
        .testTarget(
            name: "ConnectPagesTests",
            dependencies: [
                "ConnectPages", "Cryptography", .product(name: "HTTPTypes", package: "swift-http-types"),
            ], swiftSettings: testing),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "ConnectPages", "Cryptography", "Encodings", "Integrations", "OAuth", "Sandbox",
                "StateTokens",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ], swiftSettings: testing),
        .testTarget(
            name: "ConnectAPITests",
            dependencies: [
                "Access", "ConnectAPI", "ConnectPages", "ConnectService", "Connections", "Cryptography",
                "Encodings", "Integrations", "OAuth", "StateTokens",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], exclude: ["FastAPI", "OpenAPI/check.py", "Schemathesis"], swiftSettings: testing),
    ]
)

// Built by `bench/fuzz` and by nothing else. What is fuzzed counts its branches and is optimised; the rest is as usual.
if Context.environment["SYMBOLON_FUZZING"] != nil {
    let counted: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer", "-O"])]
    for target in package.targets where target.type == .regular {
        target.swiftSettings = (target.swiftSettings ?? []) + counted
    }
    package.targets.append(
        .executableTarget(
            name: "Fuzzing",
            dependencies: [
                "Access", "ConnectAPI", "ConnectService", "Connections", "Cryptography", "Encodings",
                "Integrations", "JSONWebTokens", "Keyrings", "OAuth", "OAuthHTTP", "StateTokens",
                "SymbolonCommands",
            ], path: "Tests/Fuzzing", exclude: ["Corpora"], swiftSettings: testing + counted,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
}
