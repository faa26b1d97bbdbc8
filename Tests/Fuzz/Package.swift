// swift-tools-version: 6.2
import PackageDescription

// libFuzzer's entry points, in a package of their own: they need -sanitize=fuzzer, which the product must not be built with.
// The rooms are the product's own sources, through symbolic links.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func fuzzer(_ name: String, of rooms: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: rooms, swiftSettings: settings)
}

let package = Package(
    name: "shareagent-fuzz",
    targets: [
        .target(name: "ShareModel", swiftSettings: settings),
        .target(name: "ShareWire", dependencies: ["ShareModel"], swiftSettings: settings),
        fuzzer("FuzzJSON", of: ["ShareWire", "ShareModel"]),
        fuzzer("FuzzFrames", of: ["ShareWire"]),
        fuzzer("FuzzGuestSession", of: ["ShareWire", "ShareModel"]),
        fuzzer("FuzzHostSession", of: ["ShareWire", "ShareModel"]),
        // The mount table's parser alone: the rest of its room needs descriptors.
        .target(name: "MountTable", swiftSettings: settings),
        fuzzer("FuzzMountTable", of: ["MountTable"]),
        .systemLibrary(name: "CLibYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "LibYaml", dependencies: ["CLibYaml", "ShareModel"], swiftSettings: settings),
        .target(name: "CNameTables"),
        .target(name: "FileNames", dependencies: ["CNameTables"], swiftSettings: settings),
        fuzzer("FuzzNames", of: ["FileNames"]),
        // The lines of a journal alone: the rest of their room needs descriptors.
        fuzzer("FuzzJournal", of: ["FileNames", "ShareWire", "ShareModel"]),
        fuzzer("FuzzYaml", of: ["LibYaml", "ShareWire", "ShareModel"]),
    ]
)
