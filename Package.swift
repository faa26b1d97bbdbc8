// swift-tools-version: 6.2
import PackageDescription

// Every Swift room is compiled with all of these; tests leave out strict memory safety, which #expect's expansions make noisy.
let language: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]
let strict = language + [.strictMemorySafety()]

// Where no regular expressions are needed, their library is not even seen: one `text.contains("ab")` or `split(separator: "::")`
// that means theirs adds 1.4 MB to the daemon and to each worker (docs/decisions/0006-static-runtime-and-size.md).
let lean = strict + [.unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"])]

/// What every program has a copy of and none runs often, or only around system calls: compiled for size (docs/decisions/0006).
let small = lean + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

/// A room of the house: what it may use is exactly what is listed here (docs/architecture.md, ArchitectureTests).
func room(_ name: String, uses dependencies: [Target.Dependency] = [], with settings: [SwiftSetting] = lean) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, uses dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, uses dependencies: [Target.Dependency], fixtures: [String] = [], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: fixtures, resources: resources, swiftSettings: language)
}

func debianLibrary(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "shareagent",
    products: [
        .executable(name: "shareagent", targets: ["shareagent"]),
        .executable(name: "shareagentd", targets: ["shareagentd"]),
        .executable(name: "share-worker", targets: ["share-worker"]),
        .executable(name: "share-names", targets: ["share-names"]),
        .executable(name: "share-names-view", targets: ["share-names-view"]),
        .executable(name: "sharehost", targets: ["sharehost"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: [
        // C: what Debian ships, and the system calls glibc has no wrapper for.
        debianLibrary("CLibMount", pkgConfig: "mount", package: "libmount-dev"),
        debianLibrary("CLibBlkid", pkgConfig: "blkid", package: "libblkid-dev"),
        debianLibrary("CLibKeyutils", pkgConfig: "libkeyutils", package: "libkeyutils-dev"),
        debianLibrary("CLibYaml", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "CFuse", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "CNameTables"),
        .target(name: "CHeap", cSettings: [.define("_GNU_SOURCE")]),

        // Pure rooms: values and decisions, no descriptors.
        room("ShareModel", with: small),
        room("ShareWire", uses: ["ShareModel"], with: small),
        room("ShareKinds", uses: ["ShareModel"], with: small),
        room("Reconciler", uses: ["ShareModel"]),
        room("FileNames", uses: ["CNameTables"]),

        // The system: one owner a descriptor, one wrapper a C library.
        room("LinuxSystem", uses: ["CLinux"], with: small),
        room("FuseKernel", uses: ["CFuse"]),
        room("LibMount", uses: ["CLibMount"]),
        room("LibBlkid", uses: ["CLibBlkid"]),
        room("LibKeyutils", uses: ["CLibKeyutils"]),
        room("LibYaml", uses: ["CLibYaml", "ShareModel"], with: small),
        room("Settings", uses: ["ShareModel", "LibYaml", "LinuxSystem"], with: small),

        // Programs' bodies.
        room(
            "Worker", uses: ["ShareModel", "ShareWire", "ShareKinds", "LibMount", "LibBlkid", "LibKeyutils", "LinuxSystem", "Settings"],
            with: small),
        room("NamesWorker", uses: ["FileNames", "ShareModel", "ShareWire", "LinuxSystem"]),
        room("NamesView", uses: ["FileNames", "FuseKernel", "CFuse", "LinuxSystem", "ShareModel", "ShareWire"]),
        room("Agent", uses: ["ShareModel", "ShareWire", "Reconciler", "LinuxSystem", "Settings"]),
        room("Commands", uses: ["ShareModel", "ShareWire", "Settings", "LinuxSystem", argumentParser], with: strict),
        room("HostPeer", uses: ["ShareModel", "ShareWire", "LibYaml", "LinuxSystem", argumentParser], with: strict),
        program("shareagent", uses: ["Commands"]),
        program("shareagentd", uses: ["Agent", "CHeap"]),
        program("share-worker", uses: ["Worker", "CHeap"]),
        program("share-names", uses: ["NamesWorker"]),
        program("share-names-view", uses: ["NamesView"]),
        program("sharehost", uses: ["HostPeer", "CHeap"]),

        tests("ShareModelTests", uses: ["ShareModel"]),
        tests("ShareWireTests", uses: ["ShareWire", "ShareModel"], fixtures: ["Golden"]),
        tests("ShareKindsTests", uses: ["ShareKinds", "ShareModel"]),
        tests("ReconcilerTests", uses: ["Reconciler", "ShareModel"]),
        tests("FileNamesTests", uses: ["FileNames"], fixtures: ["Fixtures"]),
        tests("LinuxSystemTests", uses: ["LinuxSystem", "CLinux"]),
        tests("LibYamlTests", uses: ["LibYaml", "ShareModel"]),
        tests("SettingsTests", uses: ["Settings", "ShareModel"]),
        tests("WorkerTests", uses: ["Worker", "ShareModel", "ShareWire", "ShareKinds", "LinuxSystem"]),
        tests("NamesWorkerTests", uses: ["NamesWorker", "FileNames", "ShareModel", "ShareWire", "LinuxSystem"]),
        tests("NamesViewTests", uses: ["NamesView", "FileNames", "FuseKernel", "ShareModel"]),
        tests("AgentTests", uses: ["Agent", "ShareModel", "ShareWire", "Reconciler", "LinuxSystem"]),
        tests("CommandsTests", uses: ["Commands", "ShareModel", "ShareWire", "LinuxSystem"]),
        tests("HostPeerTests", uses: ["HostPeer", "ShareModel", "ShareWire", "LinuxSystem"]),
        tests("NamespaceTests", uses: ["ShareModel", "ShareWire", "LinuxSystem"], fixtures: ["Fixtures"]),
        tests("ArchitectureTests", uses: []),
    ]
)
