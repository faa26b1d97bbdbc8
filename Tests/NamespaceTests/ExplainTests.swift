import LinuxSystem
import ShareModel
import Testing

@Suite("A real worker explains, and asks the running kernel")
struct ExplainTests {
    let stage: Stage

    init() throws {
        stage = try Stage()
    }

    private func explain(_ text: String, mountID: Int64? = nil) throws -> Explanation {
        let outcome = try stage.ask(.explain(try share(text), mountID: mountID, attachedTargets: [:]))
        guard case .explained(let told) = outcome else { throw StageFailure("\(outcome)") }
        return told
    }

    private static let scratch = #"{"name":"scratch","source":{"type":"tmpfs","sizeBytes":1048576}}"#

    @Test("what is attached is read back, with and without its mount id; what is in the way of it is not")
    func attached() throws {
        #expect(try explain(Self.scratch).mountID == nil)
        let outcome = try stage.ask(.attach(try share(Self.scratch), nil, attachedTargets: [:]))
        let id = try #require(outcome.mountID, "\(outcome)")
        for told in [try explain(Self.scratch, mountID: id), try explain(Self.scratch)] {
            #expect(told.mountID == id)
            let size = try #require(told.options.first { $0.name == "size" })
            #expect(size.requested == "1048576" && size.effective == "1024k" && size.difference == nil)
            #expect(told.options.first { $0.name == "nosuid" }?.effective == "")
        }
        _ = try stage.run("mkdir -p /mnt/other && mount -t tmpfs tmpfs /mnt/other")
        let other = try explain(#"{"name":"other","source":{"type":"tmpfs","sizeBytes":1048576},"target":"/mnt/other"}"#)
        #expect(other.mountID == nil, "somebody else's mount is not this share's")
    }

    @Test("the commands that are told do the same by hand")
    func byHand() throws {
        let outcome = try stage.ask(.attach(try share(Self.scratch), nil, attachedTargets: [:]))
        let id = try #require(outcome.mountID, "\(outcome)")
        let line = #"grep ' /mnt/scratch ' /proc/self/mountinfo | sed 's/.* \/mnt\/scratch //; s/shared:[0-9]* //'"#
        let agents = try stage.run(line)
        _ = try stage.ask(.detach(ShareName(validating: "scratch"), target("/mnt/scratch"), mountID: id, lazy: false))
        for command in try explain(Self.scratch).commands { _ = try stage.run(command) }
        #expect(try stage.run(line) == agents)
    }

    @Test("a share that the policy refuses is explained as far as it goes, with the refusal; so is one with a wrong option")
    func refused() throws {
        let outside = try explain(#"{"name":"x","source":{"type":"tmpfs","sizeBytes":1048576},"target":"/etc"}"#)
        #expect(outside.cause?.code == .targetOutsideRoots)
        #expect(outside.options.contains { $0.name == "size" })
        let wrong = try explain(#"{"name":"x","source":{"type":"tmpfs","sizeBytes":1048576},"options":{"mode":"no"}}"#)
        #expect(wrong.cause?.code == .optionRefused)
        #expect(wrong.options.contains { $0.name == "size" })
    }

    @Test("this kernel is asked about each option, in contexts that no file system is made of")
    func kernel() throws {
        let before = try MountTable.read()
        let tmpfs = try OptionQuestions(fstype: Array("tmpfs".utf8))
        func answer(_ name: String, _ value: String?) throws -> OptionQuestions.Answer? {
            try tmpfs.answer(name: Array(name.utf8), value: value.map { Array($0.utf8) })
        }
        #expect(tmpfs.canTell)
        #expect(try answer("size", "1048576") == .taken)
        #expect(try answer("mode", "0700") == .taken)
        #expect(try answer("nosuchoption", nil) == .unknown)
        #expect(try answer("nosuchoption", "1") == .unknown)
        guard case .refused(let words)? = try answer("size", "plenty") else {
            Issue.record("a wrong value is taken")
            return
        }
        #expect(words.contains("size"))
        #expect(try answer("size", String(repeating: "1", count: 256)) == nil)
        #expect(try MountTable.read() == before)
        #expect(throws: SystemCallError.self) { try OptionQuestions(fstype: Array("nosuchfilesystem".utf8)) }
    }

    @Test("a type that this kernel does not have is told, by the plan and by the attempt")
    func absentType() throws {
        guard (try? OptionQuestions(fstype: Array("virtiofs".utf8))) == nil else { return }
        let outcome = try stage.ask(
            .attach(try share(#"{"name":"v","source":{"type":"virtiofs","tag":"v"}}"#), nil, attachedTargets: [:]))
        guard case .failed(let cause) = outcome else { throw StageFailure("\(outcome)") }
        #expect(cause.code == .filesystemUnsupported)
        #expect(try explain(#"{"name":"v","source":{"type":"virtiofs","tag":"v"}}"#).cause?.code == .filesystemUnsupported)
        #expect(try stage.run("ls /mnt") == "", "no directory was made")
    }
}
