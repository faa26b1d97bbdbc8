import ShareModel
import Testing

@testable import Commands

@Suite("exit statuses") struct ExitStatusTests {
    @Test("the numbers are the contract's") func numbers() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 64, 70, 130])
    }

    @Test("all done is 0, nothing done 1, part of it 2, only refusals 4") func tally() {
        let (failed, refused) = (Samples.team, Samples.etc)
        #expect(ExitStatus.of(done: 3, failed: []) == .done)
        #expect(ExitStatus.of(done: 0, failed: []) == .done)
        #expect(ExitStatus.of(done: 0, failed: [failed]) == .none)
        #expect(ExitStatus.of(done: 2, failed: [failed]) == .part)
        #expect(ExitStatus.of(done: 0, failed: [refused]) == .refused)
        #expect(ExitStatus.of(done: 2, failed: [refused]) == .refused)
        #expect(ExitStatus.of(done: 2, failed: [refused, failed]) == .part)
        #expect(ExitStatus.of(done: 0, failed: [refused, failed]) == .none)
        #expect(ExitStatus.of(done: 2, failed: [failed], missingRequired: true) == .none)
    }

    @Test("every cause has an exit status, and every refusal is 4", arguments: CauseCode.allCases) func causes(code: CauseCode) {
        let status = ExitStatus.of(Cause(code, "x"))
        if code.isRefusal { #expect(status == .refused) }
        #expect(status != .done && status != .usage && status != .interrupted)
    }

    @Test("a complaint has three lines, whatever was in it") func complaint() {
        let complaint = Complaint(
            "cannot\nx", why: "because\u{1B}[2J", remedy: "do\ry", exit: .unreachable, code: .channelAbsent)
        #expect(complaint.lines(on: .plain) == [#"shareagent: cannot\u{a}x"#, #"  why:    because\u{1b}[2J"#, #"  remedy: do\u{d}y"#])
        let bare = Complaint(Cause(.shareUnknown, "share 'x' is not offered"))
        #expect(bare.lines(on: .plain).count == 3 && bare.exit == .none)
    }
}
