// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors where FUMIKURA_STRICT is set (as .ci/run does), so that a newer compiler's new warning does not
// stop a user's build.
let strict = Context.environment["FUMIKURA_STRICT"] != nil
let swift: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (strict ? [.treatAllWarnings(as: .error)] : [])

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]
func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swift)
}
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: swift)
}
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: swift)
}
/// What several test targets share.
func fixtures(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: swift)
}
func systemLibrary(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
  name: "fumikura",
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    // Each system library, with the Debian package that brings its header.
    systemLibrary("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
    systemLibrary("COpenBLAS", apt: "libopenblas-dev"),
    systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    systemLibrary("CInotifyTools", apt: "libinotifytools0-dev"),
    systemLibrary("CPoppler", pkgConfig: "poppler-glib", apt: "libpoppler-glib-dev"),
    systemLibrary("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
    systemLibrary("CXML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
    systemLibrary("CSystemd", pkgConfig: "libsystemd", apt: "libsystemd-dev"),
    .target(name: "CLinux"),
    .target(name: "CEncoderKernels"),
    .target(name: "CCodeKernels"),

    // Modules, from the ground up: each imports only what stands above it.
    library("LinuxSystem", ["CLinux", "COpenSSL", system]),
    library("LinearAlgebra", ["COpenBLAS"]),
    library("SentenceEncoder", ["LinearAlgebra", "LinuxSystem", "CEncoderKernels", "COpenBLAS", "CZlib", system]),
    library("RateReduction", ["LinearAlgebra", "CCodeKernels", "LinuxSystem"]),
    library("TextExtraction", ["LinuxSystem", "CLinux", system]),
    library(
      "ExtractionWorker", ["TextExtraction", "LinuxSystem", "CLinux", "CPoppler", "CArchive", "CXML2", system]),
    library("WatchFrames", []),
    library("FileWatching", ["LinuxSystem", "CLinux", "WatchFrames", system]),
    library(
      "PassageStore",
      ["LinuxSystem", "CLinux", grdb, .product(name: "GRDBSQLite", package: "GRDB.swift"), system]),
    library("Configuration", [system, toml]),
    library("FumikuraProtocol", []),
    library("FumikuraClient", ["FumikuraProtocol"]),
    library(
      "Evaluation", ["LinuxSystem", "LinearAlgebra", "RateReduction", "SentenceEncoder", "TextExtraction", system]),
    library("Profiling", ["Evaluation", "LinearAlgebra", "RateReduction"]),
    library(
      "SemanticIndex",
      [
        "Configuration", "Evaluation", "FileWatching", "LinearAlgebra", "LinuxSystem", "PassageStore", "RateReduction",
        "SentenceEncoder", "TextExtraction", logging, system,
      ]),
    library("Server", ["FumikuraProtocol", "LinuxSystem", "CLinux", system, logging] + nio),
    library(
      "FumikuraDaemon",
      ["Configuration", "CSystemd", "FumikuraProtocol", "LinuxSystem", "SemanticIndex", "Server", logging, system]),

    // Programs: arguments and wiring.
    program("fumikurad", ["Configuration", "FumikuraDaemon", "SemanticIndex", arguments, logging, system]),
    program("fumikura-watch", ["CInotifyTools", "CLinux", "WatchFrames"]),
    program("fumikura-extract", ["ExtractionWorker"]),
    program("fumi", ["FumikuraClient", "FumikuraProtocol", arguments]),
    program(
      "fumikura-lab",
      [
        "Configuration", "Evaluation", "FileWatching", "FumikuraClient", "FumikuraProtocol", "LinuxSystem",
        "LinearAlgebra", "PassageStore", "Profiling", "RateReduction", "SentenceEncoder", "TextExtraction", system,
        arguments,
      ]),

    tests("LinuxSystemTests", ["LinuxSystem"]),
    tests("LinearAlgebraTests", ["LinearAlgebra"]),
    tests("RateReductionTests", ["RateReduction", "LinearAlgebra", "LinuxSystem"], resources: [.copy("Golden")]),
    tests(
      "SentenceEncoderTests",
      ["SentenceEncoder", "LinearAlgebra", "CEncoderKernels", "CZlib", "LinuxSystem", system],
      resources: [.copy("Golden")]),
    tests("TextExtractionTests", ["TextExtraction", "LinuxSystem", "fumikura-extract", system]),
    tests(
      "ExtractionWorkerTests", ["ExtractionWorker", "TextExtraction", "LinuxSystem", "fumikura-extract", system],
      resources: [.copy("Fixtures")]),
    tests("FileWatchingTests", ["FileWatching", "LinuxSystem", "WatchFrames", "fumikura-watch", system]),
    tests("PassageStoreTests", ["PassageStore", "LinearAlgebra", "LinuxSystem", grdb, system]),
    tests("ConfigurationTests", ["Configuration", system]),
    fixtures("ProtocolFixtures", ["FumikuraProtocol"]),
    fixtures(
      "ServerFixtures", ["FumikuraClient", "FumikuraProtocol", "LinuxSystem", "Server", logging, system]),
    tests("FumikuraProtocolTests", ["FumikuraProtocol", "ProtocolFixtures"]),
    tests(
      "ServerTests",
      ["FumikuraClient", "FumikuraProtocol", "ProtocolFixtures", "Server", "ServerFixtures", "fumi", system]),
    tests("FumiTests", ["FumikuraProtocol", "ServerFixtures", "fumi"]),
    tests(
      "EvaluationTests", ["Evaluation", "LinearAlgebra", "LinuxSystem", "RateReduction", "SentenceEncoder", system]),
    tests("ProfilingTests", ["Evaluation", "LinearAlgebra", "Profiling", "RateReduction"]),
    tests(
      "SemanticIndexTests",
      [
        "Configuration", "Evaluation", "LinearAlgebra", "LinuxSystem", "PassageStore", "RateReduction", "SemanticIndex",
        system,
      ]),
    tests("LabTests", ["fumikura-lab", "fumikura-extract", "fumikura-watch", "fumikurad", system]),
    tests(
      "DaemonTests",
      [
        "FumikuraClient", "FumikuraProtocol", "LinearAlgebra", "LinuxSystem", "PassageStore", "ProtocolFixtures",
        "RateReduction", "SemanticIndex", "SentenceEncoder", "fumi",
        "fumikurad", "fumikura-extract", "fumikura-watch", system,
      ]),
  ]
)
