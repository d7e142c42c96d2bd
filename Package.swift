// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is built in the Swift 6 language mode with warnings as errors.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "tokend",
    products: [
        .executable(name: "tokend", targets: ["tokend"]),
        .executable(name: "tokenctl", targets: ["tokenctl"]),
        .executable(name: "tokend-sandbox", targets: ["tokend-sandbox"]),
        .executable(name: "tokend-simulate", targets: ["tokend-simulate"]),
        .library(name: "TokenClient", targets: ["TokenClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // The kernel and the service manager.
        .target(name: "CLinux"),
        .systemLibrary(
            name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "ServiceManager", dependencies: ["CSystemd"], swiftSettings: strict),

        // Pure rooms: values and decisions, no I/O, `now` is a parameter.
        .target(
            name: "Vocabulary",
            dependencies: ["CLinux", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(name: "StrictJSON", swiftSettings: strict),
        .target(
            name: "WireProtocol", dependencies: ["StrictJSON", "Vocabulary"],
            swiftSettings: strict),
        .target(name: "Schedule", dependencies: ["Vocabulary"], swiftSettings: strict),
        .target(
            name: "Engine",
            dependencies: [
                "Schedule", "Vocabulary", "WireProtocol",
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        .target(
            name: "Simulation",
            dependencies: [
                "Engine", "Schedule", "Vocabulary", "WireProtocol",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        .target(
            name: "OAuth",
            dependencies: [
                "StrictJSON", "Vocabulary",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "Login", dependencies: ["StrictJSON", "Vocabulary", "WireProtocol"], swiftSettings: strict),
        .target(
            name: "DaemonConfiguration", dependencies: ["OAuth", "StrictJSON", "Vocabulary"],
            swiftSettings: strict),

        // Shells: one kind of I/O each.
        .target(
            name: "TokenTable", dependencies: ["CLinux", "Vocabulary", "WireProtocol"],
            swiftSettings: strict),
        .target(
            name: "SocketServer", dependencies: ["CLinux", "Vocabulary", "WireProtocol"],
            swiftSettings: strict),
        .target(
            name: "GrantStore",
            dependencies: [
                "Vocabulary",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "OAuthSender",
            dependencies: [
                "OAuth", "Vocabulary",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .target(
            name: "TokenClient", dependencies: ["StrictJSON", "Vocabulary", "WireProtocol"],
            swiftSettings: strict),
        .target(
            name: "SandboxProvider",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),

        // Programs. Only the daemon's composition root names every room.
        .executableTarget(
            name: "tokend",
            dependencies: [
                "CLinux", "DaemonConfiguration", "Engine", "GrantStore", "Login", "OAuth", "OAuthSender",
                "Schedule", "ServiceManager", "SocketServer", "StrictJSON", "TokenTable",
                "Vocabulary", "WireProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tokenctl",
            dependencies: [
                "Simulation", "StrictJSON", "TokenClient", "Vocabulary", "WireProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tokend-sandbox",
            dependencies: [
                "SandboxProvider", "StrictJSON", "TokenClient", "Vocabulary", "WireProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tokend-bench",
            dependencies: [
                "SandboxProvider", "Schedule", "StrictJSON", "TokenClient", "Vocabulary", "WireProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tokend-simulate",
            dependencies: [
                "Simulation", "Vocabulary",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // A test target per room, and the real programs together.
        .testTarget(name: "VocabularyTests", dependencies: ["Vocabulary"], swiftSettings: strict),
        .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON"], swiftSettings: strict),
        .target(
            name: "ProtocolTranscripts", dependencies: ["StrictJSON", "Vocabulary", "WireProtocol"],
            path: "Tests/ProtocolTranscripts", swiftSettings: strict),
        .testTarget(
            name: "WireProtocolTests",
            dependencies: ["ProtocolTranscripts", "StrictJSON", "Vocabulary", "WireProtocol"],
            swiftSettings: strict),
        .testTarget(name: "ScheduleTests", dependencies: ["Schedule", "Vocabulary"], swiftSettings: strict),
        .target(name: "Evidence", path: "Tests/Evidence", swiftSettings: strict),
        .testTarget(
            name: "EngineTests",
            dependencies: ["Engine", "Evidence", "Schedule", "Vocabulary", "WireProtocol"],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Simulation", "Vocabulary", "WireProtocol"],
            swiftSettings: strict),
        .testTarget(
            name: "OAuthTests",
            dependencies: [
                "OAuth", "StrictJSON", "Vocabulary",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "LoginTests", dependencies: ["Login", "StrictJSON", "Vocabulary", "WireProtocol"],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonConfigurationTests",
            dependencies: ["DaemonConfiguration", "OAuth", "StrictJSON", "Vocabulary"],
            swiftSettings: strict),
        .testTarget(
            name: "TokenTableTests", dependencies: ["TokenTable", "Vocabulary", "WireProtocol"],
            swiftSettings: strict),
        .testTarget(
            name: "SocketServerTests",
            dependencies: ["CLinux", "SocketServer", "Vocabulary", "WireProtocol"],
            swiftSettings: strict),
        .target(name: "CDiskTrace", path: "Tests/CDiskTrace"),
        .target(
            name: "DiskTrace", dependencies: ["CDiskTrace"], path: "Tests/DiskTrace",
            swiftSettings: strict),
        .testTarget(
            name: "DiskTraceTests", dependencies: ["DiskTrace", "GrantStore", "Vocabulary"],
            swiftSettings: strict),
        .testTarget(
            name: "GrantStoreTests",
            dependencies: [
                "DiskTrace", "Evidence", "GrantStore", "Vocabulary",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        // The real engine and the real store in one process, on disks that crash and fail.
        .testTarget(
            name: "DurabilityTests",
            dependencies: [
                "DiskTrace", "Engine", "Evidence", "GrantStore", "Schedule", "Vocabulary", "WireProtocol",
                "tokend",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SandboxProviderTests", dependencies: ["SandboxProvider"], swiftSettings: strict),
        .testTarget(
            name: "TokenClientTests",
            dependencies: ["ProtocolTranscripts", "StrictJSON", "TokenClient", "Vocabulary", "WireProtocol"],
            swiftSettings: strict),
        .testTarget(
            name: "tokenctlTests",
            dependencies: [
                "Simulation", "StrictJSON", "TokenClient", "Vocabulary", "WireProtocol", "tokenctl",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "tokend-sandboxTests",
            dependencies: [
                "SandboxProvider", "Vocabulary", "tokend-sandbox",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RotationModelTests", exclude: ["rotation.pml"], swiftSettings: strict),
        .testTarget(
            name: "SystemTests",
            dependencies: ["Evidence", "ProtocolTranscripts", "SandboxProvider", "tokenctl", "tokend"],
            exclude: ["Interop"],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
