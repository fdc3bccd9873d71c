import Testing

@testable import Addresses

struct NetworkPolicyTests {
    private func refusal(_ address: String, _ policy: NetworkPolicy = NetworkPolicy()) throws -> NetworkRange.Kind? {
        do {
            try policy.check(try #require(NetworkAddress(address)))
            return nil
        } catch let error as AddressError {
            guard case .notAllowed(let kind) = error else { throw error }
            return kind
        }
    }

    @Test(
        arguments: [
            ("127.0.0.1", .loopback), ("127.8.9.10", .loopback), ("::1", .loopback), ("::ffff:127.0.0.1", .loopback),
            ("169.254.1.1", .linkLocal), ("fe80::1", .linkLocal), ("169.254.169.254", .metadata),
            ("64:ff9b::a9fe:a9fe", .metadata), ("64:ff9b:1::a9fe:a9fe", .metadata),
            ("2002:a9fe:a9fe::1", .metadata), ("2002:7f00:1::", .loopback), ("fd00:ec2::254", .metadata),
            ("100.100.100.200", .metadata), ("fd00:ec2::23", .metadata), ("fd20:ce::254", .metadata),
            ("0.0.0.0", .unspecified), ("::", .unspecified), ("224.0.0.1", .multicast), ("ff02::1", .multicast),
            ("255.255.255.255", .reserved), ("::ffff:0:127.0.0.1", .loopback), ("::ffff:0:169.254.169.254", .metadata),
            ("2001::1", .reserved), ("2001:10::1", .reserved), ("2001:20::1", .reserved), ("2001:2::1", .reserved),
            ("5f00::1", .reserved), ("100::1", .reserved), ("4000::1", .reserved), ("64:ff9b:2::1", .reserved),
            ("1::1", .reserved), ("192.88.99.1", .reserved), ("2002:c058:6301::1", .reserved),
        ] as [(String, NetworkRange.Kind)])
    func dangerousAddressesAreRefused(address: String, kind: NetworkRange.Kind) throws {
        #expect(try refusal(address) == kind)
    }

    @Test(arguments: ["10.0.0.5", "192.168.1.64", "172.16.3.4", "100.64.0.1", "fd12::5", "8.8.8.8", "2001:db8::1"])
    func camerasAreReached(address: String) throws {
        #expect(try refusal(address) == nil)
    }

    @Test(arguments: [
        "192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1", "::ffff:0:10.0.0.5", "2002:c000:201::1",
    ])
    func whatIsForDocumentationIsNotPublic(address: String) throws {
        var policy = NetworkPolicy()
        policy.allowsPrivateNetworks = false
        #expect(try refusal(address, policy) == .privateUse)
        #expect(try refusal(address) == nil)
    }
    @Test(arguments: [
        "8.8.8.8", "2001:4860:4860::8888", "2606:4700:4700::1111", "2400:cb00::1", "2a00:1450::1", "2001:200::1",
        "3fff:1000::1", "2001:db9::1", "::ffff:0:8.8.8.8", "2002:808:808::1", "192.0.3.1", "198.51.101.1",
    ])
    func publicAddressesAreReachedByAll(address: String) throws {
        var policy = NetworkPolicy()
        policy.allowsPrivateNetworks = false
        #expect(try refusal(address, policy) == nil)
    }

    @Test func loopbackNeedsItsFlagOrItsRange() throws {
        var flagged = NetworkPolicy(), listed = NetworkPolicy()
        flagged.allowsLoopback = true
        listed.allowed = try [#require(NetworkRange("127.0.0.0/30"))]
        #expect(try refusal("127.0.0.1", flagged) == nil)
        #expect(try refusal("::1", flagged) == nil)
        #expect(try refusal("169.254.169.254", flagged) == .metadata)
        #expect(try refusal("127.0.0.1", listed) == nil)
        #expect(try refusal("127.0.0.4", listed) == .loopback)
    }

    @Test func whatTheDevicesOfThisMachineHaveIsThisMachine() throws {
        let own = Set(try ["10.0.0.5", "2001:db8::1"].map { try #require(NetworkAddress($0)) })
        func isRefused(_ text: String, _ policy: NetworkPolicy) throws -> Bool {
            let address = try #require(NetworkAddress(text))
            do {
                try policy.check(address) { own }
                return false
            } catch {
                #expect(error == .notAllowed(.own))
                return true
            }
        }
        var flagged = NetworkPolicy(), listed = NetworkPolicy()
        flagged.allowsLoopback = true
        listed.allowed = try [#require(NetworkRange("10.0.0.0/24"))]
        for text in ["10.0.0.5", "::ffff:10.0.0.5", "2001:db8::1"] {
            #expect(try isRefused(text, NetworkPolicy()) && !isRefused(text, flagged))
        }
        #expect(try !isRefused("10.0.0.5", listed) && !isRefused("10.0.0.6", NetworkPolicy()))
        #expect(try NetworkAddress.ofThisMachine.contains(#require(NetworkAddress("127.0.0.1"))))
    }

    @Test(arguments: ["2130706433", "0x7f000001", "127.1", "0"])
    func otherSpellingsOfLoopbackAreSeenThrough(host: String) {
        #expect(throws: AddressError.self) { try NetworkPolicy().addresses(of: host) }
    }

    @Test(
        arguments: [
            ("10.1.2.3", "10.1.2.3"), ("0x0a010203", "10.1.2.3"), ("0X0A.1.515", "10.1.2.3"), ("167838211", "10.1.2.3"),
            ("10.1", "10.0.0.1"), ("012.1.2.3", "10.1.2.3"), ("10.1.2.3.", "10.1.2.3"), ("0", "0.0.0.0"),
            ("fd00::1", "fd00::1"), ("fe80::1%lo", "fe80::1"), ("::ffff:10.1.2.3", "::ffff:10.1.2.3"),
            ("camera", nil), ("10.1.2.3.4", nil), ("10.1.2.256", nil), ("10.1.2.3..", nil), ("09.1.2.3", nil),
            ("4294967296", nil), ("10.example", nil), ("", nil), (".", nil), ("10.1.2.3 x", nil),
        ] as [(String, String?)])
    func anAddressIsSeenHoweverItIsSpelled(host: String, expected: String?) {
        #expect(NetworkAddress(literal: host)?.text == expected)
    }
    @Test func oneRuleFindsAnAddressAndConnectsToIt() throws {
        #expect(try NetworkPolicy().addresses(of: "10.1.2.3.").map(\.text) == ["10.1.2.3"])
        #expect(try NetworkPolicy().addresses(of: "0x0a010203").map(\.text) == ["10.1.2.3"])
    }

    @Test(
        arguments: [
            ("10.0.0.0/8", "10.0.0.0/8"), ("10.1.2.3", "10.1.2.3/32"), ("fd00::/8", "fd00::/8"), ("::1", "::1/128"),
            ("0.0.0.0/0", "0.0.0.0/0"), ("10.0.0.0/33", nil), ("10.0.0/8", nil), ("10.0.0.0/", nil), ("::/129", nil),
            ("camera", nil), ("", nil), ("10.0.0.0/-1", nil),
        ] as [(String, String?)])
    func rangesAreReadAsWritten(text: String, expected: String?) {
        #expect(NetworkRange(text)?.description == expected)
    }
}
