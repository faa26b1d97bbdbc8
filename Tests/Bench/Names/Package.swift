// swift-tools-version: 6.2
import PackageDescription

// The library of names under a stopwatch, in a package of its own: no product of the agent has a program more for it.
// The rooms are the product's own sources, through symbolic links, and are built as packaging/build-debs builds them.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "shareagent-names-speed",
    targets: [
        .target(name: "CNameTables"),
        .target(name: "FileNames", dependencies: ["CNameTables"], swiftSettings: settings),
        .target(name: "CAllocationCount"),
        .executableTarget(name: "NamesSpeed", dependencies: ["FileNames", "CAllocationCount"], swiftSettings: settings),
    ]
)
