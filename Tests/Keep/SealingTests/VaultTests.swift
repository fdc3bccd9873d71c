import Foundation
import Testing

@testable import Sealing

struct VaultTests {
    private static let key = SealingKey(String(repeating: "0f", count: 32))!
    private static func vault(_ keys: SealingKey...) throws -> Vault {
        let vault = try Vault(.given(keys[0]))
        _ = try vault.begin()
        for key in keys.dropFirst() { vault.add(key) }
        return vault
    }

    @Test(arguments: ["", "rtsp://admin:canary@10.0.0.5/1", String(repeating: "ж", count: 5000)])
    func whatWasSealedOpensAtItsPlaceAlone(text: String) throws {
        let vault = try Self.vault(Self.key), id = UUID()
        let sealed = vault.seal(text, at: .reference(ofStream: id))
        #expect(try vault.openText(sealed, at: .reference(ofStream: id)) == text)
        #expect(String(decoding: sealed, as: UTF8.self).contains("canary") == false)
        #expect(sealed != vault.seal(text, at: .reference(ofStream: id)))
        for place in [.reference(ofStream: UUID()), .analytics(ofStream: id), .token(id)] as [SealedPlace] {
            #expect(throws: KeyError.damaged) { try vault.openText(sealed, at: place) }
        }
    }
    @Test func everyBitOfWhatIsSealedCounts() throws {
        let vault = try Self.vault(Self.key), place = SealedPlace.secret("token key")
        let sealed = vault.seal([1, 2, 3], at: place)
        for index in sealed.indices {
            var broken = sealed
            broken[index] ^= 1
            #expect(throws: KeyError.damaged) { try vault.open(broken, at: place) }
        }
        for count in 0..<sealed.count {
            #expect(throws: KeyError.damaged) { try vault.open(Array(sealed.prefix(count)), at: place) }
        }
    }
    @Test func equalTextsAreFoundByEqualHashesUnderOneKeyAlone() throws {
        let vault = try Self.vault(Self.key)
        #expect(
            vault.hash("rtsp://a/1") == vault.hash("rtsp://a/1") && vault.hash("rtsp://a/1") != vault.hash("rtsp://a/2")
        )
        #expect(try vault.hash("rtsp://a/1") != Self.vault(.random()).hash("rtsp://a/1"))
    }
    @Test func anotherKeyTakesOverAndWhatIsOldStillOpens() throws {
        let vault = try Self.vault(Self.key), new = SealingKey.random(), place = SealedPlace.secret("x")
        let old = vault.seal("canary", at: place)
        vault.add(new)
        _ = vault.change(to: new)
        #expect(vault.key == new)
        #expect(try vault.openText(old, at: place) == "canary")
        #expect(try Self.vault(new).openText(vault.seal("canary", at: place), at: place) == "canary")
    }

    @Test func theDatabasesMarkSaysWhichKeyIsItsOwn() throws {
        let mark = try Vault(.given(Self.key)).begin()
        #expect(throws: Never.self) { try Vault(.given(Self.key)).resume(mark: mark) }
        let other = SealingKey.random()
        #expect(
            throws: KeyError.wrongKey(found: "SIGHTLINE_KEY holds the key \(other.name)", wanted: Self.key.name)
        ) { try Vault(.given(other)).resume(mark: mark) }
        for broken in [[], Array(mark.dropLast()), mark.dropLast() + [mark.last! ^ 1]] {
            #expect(throws: KeyError.self) { try Vault(.given(Self.key)).resume(mark: broken) }
        }
    }
    @Test func aKeyIsNeverPrinted() {
        var printed = "\(Self.key) \(String(reflecting: Self.key)) \(KeySource.given(Self.key))"
        dump(Self.key, to: &printed)
        #expect(!printed.contains("0f0f") && !printed.contains("15, 15") && printed.contains(Self.key.name))
        #expect(SealingKey(Self.key.text) == Self.key && SealingKey("0f") == nil && SealingKey("") == nil)
        #expect(SealingKey(String(repeating: "zz", count: 32)) == nil)
    }
}

/// The file that the key lies in.
struct KeyFileTests {
    private let file = FileManager.default.temporaryDirectory.appending(path: "sightline-\(UUID()).key")
    private func write(_ text: String, mode: Int = 0o600) {
        #expect(
            FileManager.default.createFile(
                atPath: file.path, contents: Data(text.utf8), attributes: [.posixPermissions: mode]))
    }
    private static let digits = String(repeating: "a1", count: 32)

    @Test func itIsMadeOnceForItsOwnerAlone() throws {
        defer { try? FileManager.default.removeItem(at: file) }
        let first = try Vault(.file(file))
        #expect(!FileManager.default.fileExists(atPath: file.path))  // before a database has asked for a key
        let mark = try first.begin()
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let second = try Vault(.file(file))
        try second.resume(mark: mark)
        #expect(second.key == first.key)
    }
    @Test func aMissingFileIsNamedWithTheKeyThatIsWanted() throws {
        let mark = try Vault(.given(SealingKey(Self.digits)!)).begin()
        #expect {
            try Vault(.file(file)).resume(mark: mark)
        } throws: {
            "\($0)".contains("\(file.path) is not there") && "\($0)".contains(SealingKey(Self.digits)!.name)
        }
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }
    @Test(arguments: [0o640, 0o604, 0o660, 0o644])
    func aFileThatOthersMayReadIsRefused(mode: Int) throws {
        write(Self.digits + "\n", mode: mode)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(throws: KeyError.openToOthers(path: file.path, mode: "0" + String(mode, radix: 8))) {
            try KeySource.file(file).keys()
        }
    }
    @Test(arguments: [
        ("", 1), ("secret\n", 1), (digits + "\nnonsense\n", 2), (String(digits.dropLast()), 1), (digits + "0", 1),
    ])
    func whatIsNoKeyIsRefusedAndNotQuoted(contents: String, line: Int) throws {
        write(contents)
        defer { try? FileManager.default.removeItem(at: file) }
        let error = KeyError.noKey(path: file.path, line: line)
        #expect(throws: error) { try KeySource.file(file).keys() }
        #expect(!"\(error)".contains("secret\n") && !"\(error)".contains("a1a1"))
    }
    @Test func keysAreReplacedAtOnce() throws {
        write(Self.digits)
        defer { try? FileManager.default.removeItem(at: file) }
        let keys = [SealingKey.random(), SealingKey(Self.digits)!]
        try KeySource.file(file).write(keys)
        #expect(try KeySource.file(file).keys() == keys)
        #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int == 0o600)
    }
    @Test func whereALinkLeadsTheFileIsWritten() throws {
        let link = file.appendingPathExtension("link")
        write(Self.digits)
        defer { for file in [file, link] { try? FileManager.default.removeItem(at: file) } }
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: file.lastPathComponent)
        let key = SealingKey.random()
        try KeySource.file(link).write([key])
        #expect(try KeySource.file(file).keys() == [key])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == file.lastPathComponent)
    }
    @Test func theStandardPlaceIsBesideTheDataAndNotInside() {
        guard case .file(let file) = KeySource.beside(URL(fileURLWithPath: "/var/lib/sightline")) else { return }
        #expect(file.path == "/var/lib/sightline.key")
    }
}
