import ShareModel
import ShareWire
import Testing

/// A guest and a line of hosts joined by a pipe that behaves as virtio-serial does: no connections, what the guest wrote and
/// no host has read is lost when the host goes, what a host wrote stays readable after it went, chunks of any size. Some
/// hosts are honest, some send garbage, 0xFF and pieces of what earlier hosts said. Every draw comes from one seed.
struct ChannelSimulation {
    private(set) var now: Int64 = 0
    private(set) var guest = GuestSession.fixture()
    private(set) var host: HostSession?
    private(set) var answered = 0
    private var random: SeededRandom
    private let seed: UInt64
    private var incarnation = 0
    private var isGuestOpen = false
    private var toHost: [UInt8] = []
    private var toGuest: [UInt8] = []
    private var recorded: [[UInt8]] = []
    private var guestAsked: [RequestToken: Value] = [:]
    private var hostAsked: [RequestToken: Value] = [:]
    // As the actions tell it: one batch of actions may hold the end of a session behind a request in it.
    private var guestSession: Nonce?
    private var marks: Int64 = 0

    init(seed: UInt64) {
        self.seed = seed
        random = SeededRandom(seed: seed)
    }

    var isConverged: Bool { host?.session != nil && host?.session == guest.session && toHost.isEmpty && toGuest.isEmpty }

    /// One moment in which anything may go wrong.
    mutating func troubledStep() {
        now += Int64(random.below(random.chance(20) ? 40_000 : 400))
        switch random.below(14) {
        case 0: hostGoes()
        case 1: honestHostComes()
        case 2: hostileHostComes()
        case 3: guestCloses()
        case 4, 5: guestOpens()
        case 6, 7: guestAsks()
        case 8: hostAsks()
        default: break
        }
        tick()
        deliver(portion: true)
    }

    /// A moment of peace, 10 ms long.
    mutating func quietStep() {
        now += 10
        tick()
        deliver(portion: false)
    }

    mutating func guestOpens() {
        guard !isGuestOpen else { return }
        isGuestOpen = true
        perform(guest.opened(now: now))
    }

    mutating func honestHostComes() {
        hostGoes()
        incarnation += 1
        var fresh = HostSession(greeting: .fixture)
        let actions = fresh.opened(now: now)
        host = fresh
        perform(actions)
    }

    mutating func guestAsks() {
        marks += 1
        let params = Value.object([.init("mark", .integer(marks)), .init("nonce", .text(guest.session?.text) ?? .null)])
        let (token, actions) = guest.send(.sharesList, params: params, now: now)
        guestAsked[token] = params
        perform(actions)
    }

    private mutating func hostAsks() {
        guard var asking = host else { return }
        marks += 1
        let params = Value.object([.init("mark", .integer(marks)), .init("nonce", .text(asking.session?.text) ?? .null)])
        let (token, actions) = asking.send(.healthGet, params: params, timeoutMs: 10_000, now: now)
        host = asking
        hostAsked[token] = params
        perform(actions)
    }

    private mutating func guestCloses() {
        guard isGuestOpen else { return }
        isGuestOpen = false
        toGuest = []
        perform(guest.closed())
    }

    private mutating func hostGoes() {
        toHost = []
        if var going = host {
            perform(going.closed())
            host = nil
        }
        hostAsked = [:]
    }

    /// A host that is none: it never reads and says whatever confuses.
    private mutating func hostileHostComes() {
        hostGoes()
        for _ in 0..<random.below(8) {
            switch random.below(4) {
            case 0: toGuest.append(0xFF)
            case 1: toGuest += (0..<random.below(60)).map { _ in UInt8(random.below(256)) }
            case 2:
                // Something an honest host said before, whole or cut.
                guard !recorded.isEmpty else { break }
                let said = recorded[random.below(recorded.count)]
                toGuest += said.prefix(random.chance(2) ? said.count : random.below(said.count + 1))
            default:
                let session = random.chance(2) ? guest.session?.text : Nonce(from: &random).text
                // Without the present nonce nothing may come of it; with it, it is as good as the host.
                let foreign = session == guest.session?.text ? nil : session
                toGuest +=
                    Message.request(id: .number(1), method: "share.detach", params: .object([.init("hostile", true)]), session: foreign)
                    .frame
            }
        }
        toGuest += [0x0A]
    }

    private mutating func tick() {
        if let deadline = guest.deadline, now >= deadline { perform(guest.tick(now: now)) }
        if var ticking = host, let deadline = ticking.deadline, now >= deadline {
            let actions = ticking.tick(now: now)
            host = ticking
            perform(actions)
        }
    }

    private mutating func deliver(portion: Bool) {
        let forHost = portion ? random.below(toHost.count + 1) : toHost.count
        if var receiving = host, forHost > 0 {
            let chunk = toHost.prefix(forHost)
            toHost.removeFirst(forHost)
            let actions = receiving.received(chunk, now: now)
            host = receiving
            perform(actions)
        }
        let forGuest = portion ? random.below(toGuest.count + 1) : toGuest.count
        if isGuestOpen, forGuest > 0 {
            let chunk = toGuest.prefix(forGuest)
            toGuest.removeFirst(forGuest)
            perform(guest.received(chunk, now: now))
        }
    }

    private mutating func perform(_ actions: [GuestSession.Action]) {
        for action in actions {
            switch action {
            case .discardUnwritten: if host == nil { toHost = [] }
            case .write(let bytes): toHost += bytes
            case .request(let address, let method, let params):
                #expect(method == .healthGet, "seed \(seed): a hostile request was taken")
                #expect(params["nonce"]?.text == guestSession?.text, "seed \(seed): a request of another session was taken")
                perform(guest.respond(to: address, .success(params)))
            case .answer(let token, let method, let result):
                let asked = guestAsked.removeValue(forKey: token)
                #expect(asked != nil, "seed \(seed): answered twice")
                if case .success(let value) = result {
                    #expect(method == .sharesList && value == asked, "seed \(seed): the answer to another request")
                    answered += 1
                }
            case .established(_, let nonce): guestSession = nonce
            case .lost: guestSession = nil
            case .refused, .notification: break
            }
        }
    }

    private mutating func perform(_ actions: [HostSession.Action]) {
        for action in actions {
            switch action {
            case .discardUnwritten: break
            case .write(let bytes):
                toGuest += bytes
                recorded.append(bytes)
            case .request(let address, let method, let params):
                #expect(method == .sharesList)
                #expect(params["nonce"]?.text == host?.session?.text, "seed \(seed): a request of another session was taken")
                if var responding = host {
                    let answer = responding.respond(to: address, .success(params))
                    host = responding
                    perform(answer)
                }
            case .answer(let token, _, let result):
                if case .success(let value) = result {
                    #expect(value == hostAsked.removeValue(forKey: token), "seed \(seed): the answer to another request")
                }
            case .hello, .refused, .lost: break
            }
        }
    }
}

@Suite("guest and host over a channel without connections")
struct Channels {
    @Test(
        "no wrong frame is ever taken, and as soon as an honest host stays, both agree within 250 ms",
        arguments: 1...150 as ClosedRange<UInt64>)
    func converges(seed: UInt64) {
        var channel = ChannelSimulation(seed: seed)
        channel.guestOpens()
        for _ in 0..<300 { channel.troubledStep() }
        channel.guestOpens()
        channel.honestHostComes()
        let began = channel.now
        repeat { channel.quietStep() } while !channel.isConverged && channel.now < began + 120_000
        #expect(channel.isConverged, "seed \(seed)")
        #expect(channel.now - began <= 250, "seed \(seed): \(channel.now - began) ms")
        let answered = channel.answered
        channel.guestAsks()
        for _ in 0..<5 { channel.quietStep() }
        #expect(channel.answered == answered + 1, "seed \(seed)")
    }

    @Test("a guest that comes to a host long there, and a host that comes to a guest long there, agree at once")
    func eitherFirst() {
        for guestFirst in [true, false] {
            var channel = ChannelSimulation(seed: 0)
            if guestFirst { channel.guestOpens() } else { channel.honestHostComes() }
            for _ in 0..<10_000 { channel.quietStep() }
            if guestFirst { channel.honestHostComes() } else { channel.guestOpens() }
            for _ in 0..<10 { channel.quietStep() }
            #expect(channel.isConverged)
        }
    }
}
