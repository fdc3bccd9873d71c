import KeepSupport
import Records
import Testing

@testable import Identity
import Store

struct LoginThrottleTests {
    private static let start = ContinuousClock.now
    private static let origin = LoginOrigin(login: "one@example.org", address: "10.0.0.1")
    private static func wait(_ throttle: LoginThrottle, _ origin: LoginOrigin = origin, after: Duration = .zero)
        -> Duration?
    {
        if case .after(let wait) = throttle.admit(origin, at: start + after) { wait } else { nil }
    }

    @Test func theFirstAttemptsAreFreeAndTheNextKeepAGrowingDistance() {
        let throttle = LoginThrottle()
        let waits = (0..<9).map { _ in Self.wait(throttle) }
        #expect(waits.prefix(5).allSatisfy { $0 == .zero })
        #expect(
            waits.dropFirst(5) == [.milliseconds(500), .milliseconds(1500), .milliseconds(3500), .milliseconds(7500)])
        #expect(throttle.admit(Self.origin, at: Self.start) == .refused(retryAfter: .milliseconds(11_500)))
    }

    @Test func anAttemptThatWasRefusedDoesNotPushTheNextFurtherAway() {
        let throttle = LoginThrottle()
        for _ in 0..<100 { _ = throttle.admit(Self.origin, at: Self.start) }
        #expect(Self.wait(throttle, after: .seconds(4)) == .milliseconds(7500))
    }

    @Test func nobodyElseIsTouched() {
        let throttle = LoginThrottle()
        for _ in 0..<100 { _ = throttle.admit(Self.origin, at: Self.start) }
        for other in [
            LoginOrigin(login: "two@example.org", address: "10.0.0.1"),
            LoginOrigin(login: "one@example.org", address: "10.0.0.2"),
        ] { #expect(Self.wait(throttle, other) == .zero) }
    }

    @Test func timeForgives() {
        let throttle = LoginThrottle()
        for _ in 0..<6 { _ = Self.wait(throttle) }
        let later = (0..<6).map { _ in Self.wait(throttle, after: .seconds(300)) }
        #expect(later == [.zero, .zero, .zero, .zero, .zero, .milliseconds(500)])
    }

    @Test func aRightPasswordClearsTheSlate() {
        let throttle = LoginThrottle()
        for _ in 0..<6 { _ = Self.wait(throttle) }
        throttle.welcome(Self.origin, at: Self.start)
        #expect(Self.wait(throttle) == .zero)
        #expect(throttle.isAcquainted(Self.origin, at: Self.start + .seconds(3600)))
        #expect(!throttle.isAcquainted(Self.origin, at: Self.start + .seconds(86_400)))
        #expect(!throttle.isAcquainted(LoginOrigin(login: "one@example.org", address: "10.0.0.2"), at: Self.start))
    }

    @Test func theTableIsBoundedAndKeepsWhoTriedMost() {
        var configuration = LoginThrottle.Configuration()
        configuration.capacity = 100
        let throttle = LoginThrottle(configuration)
        for _ in 0..<20 { _ = throttle.admit(Self.origin, at: Self.start) }
        for index in 0..<10_000 {
            let other = LoginOrigin(login: "\(index)@example.org", address: "10.0.0.1")
            #expect(Self.wait(throttle, other) == .zero)
            throttle.welcome(LoginOrigin(login: "known\(index)@example.org", address: ""), at: Self.start)
            _ = throttle.admit(Self.origin, at: Self.start)
        }
        #expect(throttle.count <= 100)
        #expect(Self.wait(throttle) == nil)
    }
}

struct FairQueueTests {
    private static func origin(_ login: String, _ address: String) -> LoginOrigin {
        LoginOrigin(login: login, address: address)
    }

    @Test func addressesTakeTurnsAndTheirLoginsWithin() {
        var queue = FairQueue<String>()
        for (login, address) in [("a", "1"), ("a", "1"), ("a", "1"), ("b", "1"), ("c", "2")] {
            _ = queue.push("\(login)\(address)", from: Self.origin(login, address), isPreferred: false)
        }
        _ = queue.push("known", from: Self.origin("d", "1"), isPreferred: true)
        let order = (0..<7).map { _ in queue.pop() }
        #expect(order == ["known", "a1", "c2", "b1", "a1", "a1", nil])
        #expect(queue.count == 0)
    }

    @Test func aFloodIsBoundedPerLoginAndPerAddressAndInAll() {
        var queue = FairQueue<Int>()
        let byLogin = (0..<100).filter { queue.push($0, from: Self.origin("a", "1"), isPreferred: false) }
        #expect(byLogin.count == 8)
        let byAddress = (0..<1000).filter { queue.push($0, from: Self.origin("a\($0)", "1"), isPreferred: false) }
        #expect(byAddress.count + byLogin.count == 256)
        let inAll = (0..<10_000).filter { queue.push($0, from: Self.origin("a", "address \($0)"), isPreferred: false) }
        #expect(inAll.count + byAddress.count + byLogin.count == 1024)
        let isKnownAccepted = queue.push(-1, from: Self.origin("known", "1"), isPreferred: true)
        let next = queue.pop()
        #expect(isKnownAccepted && next == -1)
    }

    @Test func inAFloodOfOneAddressAnotherWaitsForOnePieceOnly() {
        var queue = FairQueue<String>()
        for index in 0..<256 { _ = queue.push("flood", from: Self.origin("\(index)", "1"), isPreferred: false) }
        _ = queue.pop()
        _ = queue.push("good", from: Self.origin("a", "2"), isPreferred: false)
        let next = [queue.pop(), queue.pop()]
        #expect(next.contains("good"))
    }
}

@Suite(.onEachBackend) struct LoginTests {
    @Test func equalLoginsThatComeTogetherAreHashedOnce() async throws {
        let fixture = try await IdentityFixture()
        let identity = fixture.identity
        let before = identity.hasher.hashCount
        let rightCount = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<64 {
                group.addTask {
                    try await identity.authenticate(
                        login: "one@example.org", password: index < 32 ? "secret" : "wrong", from: "10.0.0.1")
                        != nil
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(rightCount == 32)
        #expect(identity.hasher.hashCount == before + 2)
    }

    @Test func afterTooManyGuessesTheNextAreNotLookedAt() async throws {
        var configuration = LoginThrottle.Configuration()
        (configuration.firstDistance, configuration.longestDistance) = (.seconds(3600), .seconds(3600))
        configuration.decay = .seconds(86_400)
        let directory = TemporaryDirectory()
        let identity = Identity(store: try Store(directory: directory.url), throttle: LoginThrottle(configuration))
        _ = try await identity.createAccount(login: "one@example.org", password: "secret", kind: .user)
        let before = identity.hasher.hashCount
        let refusedCount = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<40 {
                group.addTask {
                    do {
                        _ = try await identity.authenticate(
                            login: "one@example.org", password: "guess \(index)", from: "10.0.0.1")
                        return false
                    } catch IdentityError.tooManyLogins { return true }
                }
            }
            // Somebody who knows the password, elsewhere.
            let account = try await identity.authenticate(
                login: "one@example.org", password: "secret", from: "10.0.0.2")
            #expect(account != nil)
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refusedCount == 35)
        #expect(identity.hasher.hashCount == before + 6)
    }
}
