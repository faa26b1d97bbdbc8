import ShareModel
import Testing

@testable import Commands

@Suite("amounts") struct AmountsTests {
    @Test(
        "bytes are written as df -h does, rounded up",
        arguments: [
            (0, "0"), (1023, "1023"), (1024, "1.0K"), (1025, "1.1K"), (1536, "1.5K"), (10_239, "10K"), (10_240, "10K"), (1_048_575, "1.0M"),
            (1_048_576, "1.0M"), (21_474_836_480, "20G"), (1_099_511_627_775, "1.0T"), (Int64.max, "8E"), (-5, "0"),
        ] as [(Int64, String)])
    func bytes(count: Int64, text: String) {
        #expect(Amounts.bytes(count) == text)
    }

    @Test(
        "latencies have two or three digits and a unit",
        arguments: [
            (0, "0us"), (999, "999us"), (1000, "1.0ms"), (99_999, "99.9ms"), (100_000, "100ms"), (999_999, "999ms"), (1_500_000, "1.5s"),
        ]
            as [(Int64, String)])
    func latency(microseconds: Int64, text: String) {
        #expect(Amounts.latency(microseconds: microseconds) == text)
    }

    @Test(
        "spans have one or two units",
        arguments: [
            (0, "0s"), (59_999, "59s"), (60_000, "1m"), (3_599_999, "59m"), (3_600_000, "1h00m"), (86_399_999, "23h59m"),
            (86_400_000, "1d00h"),
            (-1, "0s"),
        ] as [(Int64, String)])
    func span(milliseconds: Int64, text: String) {
        #expect(Amounts.span(milliseconds: milliseconds) == text)
    }

    @Test("texts are shortened in the middle to exactly the columns there are", arguments: 0...12) func shortened(limit: Int) {
        let text = "漢字/e\u{301}xports"
        let short = text.shortened(to: limit)
        #expect(short.columns <= limit)
        #expect(limit < text.columns || short == text)
    }

    @Test("wrapping loses no word and passes the width only with a longer word") func wrapped() {
        let text = "one two-three four   five sixsixsixsixsix seven"
        for width in 1...60 {
            let lines = text.wrapped(to: width)
            #expect(lines.flatMap { $0.split(separator: " ") } == text.split(separator: " "))
            for line in lines { #expect(line.columns <= width || !line.contains(" "), "width \(width): '\(line)'") }
        }
        #expect(text.wrapped(to: nil) == [text])
    }
}
