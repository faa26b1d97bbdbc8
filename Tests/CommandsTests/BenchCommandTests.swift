import ShareModel
import ShareWire
import Testing

@testable import Commands

/// `shareagent bench`: what it asks, what it shows, how it ends.
@Suite("bench") struct BenchCommandTests {
    private static let report = Value.object([
        "share": "projects", "type": "nfs", "target": "/mnt/projects", "profile": "balanced", "written": true, "timeMs": 20_000,
        "spaceBytes": 67_108_864, "tookMs": 41_000,
        "results": .object([
            "sequentialRead": .object(["bytesPerSecond": 51_380_224, "bytes": 67_108_864, "cachedPercent": 0]),
            "list": .object(["perSecond": 4000, "operations": 501]),
            "latency": .object(["perSecond": 950, "operations": 1000, "medianMicroseconds": 1010, "p99Microseconds": 2300]),
        ]),
        "notes": .array(["reads were cold"]),
        "compare": .object([
            "rounds": 3, "own": .object(["list": .object(["perSecond": 4000])]),
            "profiles": .array([
                .object([
                    "profile": "metadata", "differences": .array(["actimeo=60"]), "cost": "attributes up to 60 s old",
                    "results": .object(["list": .object(["perSecond": 6400])]), "ratioPercent": .object(["list": 160]),
                ])
            ]),
            "skipped": .array([.object(["profile": "coherent", "why": "its options are those of balanced"])]),
        ]),
        "recommendation": .object([
            "profile": "metadata", "ratioPercent": 160, "sentence": "metadata is 1.60 times as fast as balanced over all",
            "cost": "attributes up to 60 s old",
        ]), "health": "ok",
    ])

    @Test("the report is a table of measures, one of profiles, and a recommendation") func text() throws {
        let scratch = try Scratch()
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(Self.report) }
        defer { daemon.stop() }
        let ran = scratch.run(["bench", "projects", "--compare=metadata", "--time", "10s", "--space", "8M"])
        #expect(ran.status == 0 && ran.errors.isEmpty)
        #expect(
            ran.out == """
                projects (nfs, balanced) at /mnt/projects: read and written, in 41s
                MEASURE                 RATE  MEDIAN    P99    OF
                sequential read        49M/s       -      -   64M
                list with attributes  4000/s       -      -   501
                one operation          950/s   1.0ms  2.3ms  1000

                times as fast as balanced (above 1 is faster), medians of 3 rounds
                MEASURE               balanced  metadata
                list with attributes    4000/s      1.60
                metadata: actimeo=60; costs: attributes up to 60 s old
                coherent: not compared: its options are those of balanced

                note: reads were cold

                recommended: metadata is 1.60 times as fast as balanced over all
                  costs: attributes up to 60 s old
                  to have it: profile: metadata in the share's entry on the host

                """)
        #expect(daemon.heard.map(\.method) == ["share.bench"])
        #expect(
            daemon.heard.first?.params
                == .object(["share": "projects", "timeMs": 10_000, "spaceBytes": 8_388_608, "compare": .array(["metadata"])]))
    }

    @Test("without --compare nothing is compared; alone it means all") func compare() throws {
        let scratch = try Scratch()
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(.object(["share": "a"])) }
        defer { daemon.stop() }
        _ = scratch.run(["bench", "a"])
        _ = scratch.run(["bench", "a", "--compare"])
        _ = scratch.run(["bench", "--compare", "a"])
        #expect(daemon.heard[0].params == .object(["share": "a", "timeMs": 20_000, "spaceBytes": 67_108_864]))
        for heard in daemon.heard.dropFirst() {
            #expect(heard.params["compare"] == .array([]) && heard.params["share"] == "a")
        }
    }

    @Test("--json prints the report as it came") func json() throws {
        let scratch = try Scratch()
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(Self.report) }
        defer { daemon.stop() }
        #expect(
            scratch.run(["bench", "projects", "--json"]).out == String(decoding: StrictJSON.bytes(of: Self.report), as: UTF8.self) + "\n")
    }

    @Test("progress comes before the answer and goes to a terminal") func progress() throws {
        let scratch = try Scratch()
        let frames =
            Message.notification(method: "bench.progress", params: .object(["doing": "random \u{1B}writing"])).frame
            + Message.response(id: .number(1), result: Self.report).frame
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .raw(frames) }
        defer { daemon.stop() }
        let ran = scratch.run(["bench", "projects"], errors: Screen(isTerminal: true))
        #expect(ran.status == 0)
        // Twice an escape is ours, to renew the line; the one in the words is none any more.
        #expect(ran.errors.contains("random ") && ran.errors.contains("writing"), "\(ran.errors.debugDescription)")
        #expect(!ran.errors.contains("\u{1B}writing"))
    }

    @Test("a share that hangs ends the command with its cause and 1") func hangs() throws {
        let scratch = try Scratch()
        let cause = Cause(.transportStalled, "share 'a': /mnt/a did not answer within 20000 ms", remedy: ["see virtiofsd on the host"])
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .failure(RPCError(cause)) }
        defer { daemon.stop() }
        let ran = scratch.run(["bench", "a"])
        #expect(ran.status == 1)
        #expect(ran.errors.contains("did not answer within 20000 ms") && ran.errors.contains("remedy: see virtiofsd on the host"))
    }

    @Test(
        "wrong use is 64",
        arguments: [
            ["bench"], ["bench", "a", "b"], ["bench", "a", "--time", "0"], ["bench", "a", "--time", "6m"], ["bench", "a", "--space", "1"],
            ["bench", "a", "--space", "5G"], ["bench", "a", "--space", "-1M"], ["bench", "a", "--compare=fast"], ["bench", "a/b"],
        ])
    func wrong(words: [String]) throws {
        #expect(try Scratch().run(words).status == 64)
    }

    @Test(
        "sizes", arguments: [("64M", 67_108_864), ("1G", 1_073_741_824), ("512KiB", 524_288), ("1048576", 1_048_576)] as [(String, Int64)])
    func sizes(text: String, bytes: Int64) {
        #expect(SizeArgument(argument: text)?.bytes == bytes)
        for wrong in ["", "M", "1.5M", "1T", " 1M", "99999999999G"] { #expect(SizeArgument(argument: wrong) == nil) }
    }

    @Test("without a daemon an agent does it, telling how far it is") func once() throws {
        let scratch = try Scratch()
        try scratch.write("answer.json", String(decoding: StrictJSON.bytes(of: Self.report), as: UTF8.self) + "\n")
        try scratch.writeAgent(
            """
            echo "$*" > \(scratch.path)/arguments
            echo '{"progress":{"doing":"listing"}}'
            cat \(scratch.path)/answer.json
            """)
        let ran = scratch.run(["bench", "projects", "--json"])
        #expect(ran.status == 0 && ran.out.hasPrefix("{\"share\":\"projects\""))
        let arguments = try #require(scratch.read("arguments"))
        #expect(arguments.hasPrefix("--once bench --wait-ms "))
        #expect(arguments.hasSuffix("--bench {\"timeMs\":20000,\"spaceBytes\":67108864} projects\n"))
    }
}
