import Foundation
import JSON
import KeepSupport
import ObjectStore
import Records
import SQL
import Sealing
import Testing

@testable import Store

/// Backups of a store that is in use, and what they are restored to.
@Suite(.onEachBackend, .timeLimit(.minutes(30))) struct BackupTests {
    private let fixture: TemporaryStore
    private let place = TemporaryDirectory()
    private var store: Store { fixture.store }
    private var account: UUID { fixture.account.id }
    private var keys: KeySource { .beside(fixture.directory.url) }
    private var backup: Backup { Backup(of: fixture.directory.url, database: fixture.database) }
    private var folder: URL { place.url.appending(path: "backup") }
    private let now = TemporaryStore.noon

    init() async throws {
        fixture = try await TemporaryStore()
        try FileManager.default.createDirectory(at: place.url, withIntermediateDirectories: true)
        try await store.claimObjects()
    }
    /// A data directory and a database in which nothing is.
    private func emptyPlace() throws -> (directory: TemporaryDirectory, database: DatabaseChoice) {
        (TemporaryDirectory(), try Backend.current.database())
    }
    /// A data directory and a database that a store has used, which is gone.
    private func usedPlace(
        _ meanwhile: (Backup) async throws -> Void
    ) async throws -> (directory: TemporaryDirectory, database: DatabaseChoice) {
        let fixture = try await TemporaryStore()
        try await meanwhile(Backup(of: fixture.directory.url, database: fixture.database, keys: keys))
        try await fixture.store.close()
        return (fixture.directory, fixture.database)
    }
    private func restored(_ change: (Store) async throws -> Void) async throws {
        let (directory, database) = try emptyPlace()
        _ = try await Backup(of: directory.url, database: database, keys: keys).restore(from: folder)
        let store = try Store(directory: directory.url, database: database, keys: keys)
        try await store.claimObjects()
        try await store.recoverFromUncleanStop(at: now)
        try await change(store)
        try await store.close()
    }
    private func isThere(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
    private func names(in folder: URL) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    }

    @Test func whatWasInItIsThereAgain() async throws {
        let stream = try await fixture.createStream()
        let events = (0..<20).map { Event.crowd(from: Double($0), to: Double($0) + 0.5).pictured() }
        try await store.record(events, of: stream.definition)
        let object = try await store.keep([1, 2, 3], .object, for: account, at: now)
        let manifest = try await backup.make(at: folder, now: now)
        #expect(manifest.rows["event"] == 20 && manifest.rows["event_record"] == 40 && manifest.rows["account"] == 1)
        #expect(manifest.objects == 21 && manifest.objectBytes == 20_003 && manifest.missingObjects == 0)
        #expect(manifest.key == store.keyName && manifest.keyFile == fixture.directory.url.path + ".key")
        #expect(try BackupManifest(of: folder) == manifest)
        #expect(try names(in: place.url) == ["backup"])

        // What comes and goes afterwards is no concern of it.
        _ = try await store.deleteObject(id: object.id, kind: .object, account: account, at: now)
        try await store.record([.crowd(from: 50, to: 51)], of: stream.definition)
        try await restored { other in
            #expect(try await other.accountWithHash(login: fixture.account.login)?.account == fixture.account)
            #expect(try await other.streams(Filter()).map(\.specification) == [stream.specification])
            let records = try await other.events(account: account)
            #expect(records.map(\.event.id) == events.flatMap { [$0.id, $0.id] })
            #expect(records.allSatisfy { $0.hasPicture })
            #expect(try await other.bytes(0..<3, of: object) == [1, 2, 3])
            #expect(try await other.mendObjects() == 0, "each row has its file, and each file its row")
            // And it goes on from there.
            try await other.record([.crowd(from: 60, to: 61)], of: stream.definition)
            #expect(try await other.events(account: account).map(\.sequence) == Array(1...42))
        }
    }

    @Test func whatIsRemovedWhileItIsMadeIsInItAndGoesAfterwards() async throws {
        var objects: [StoredObject] = []
        for byte in UInt8(0)..<50 { objects.append(try await store.keep([byte], .object, for: account, at: now)) }
        let manifest = try await backup.make(at: folder, now: now) { () async throws in
            for object in objects.prefix(30) {
                #expect(try await store.deleteObject(id: object.id, kind: .object, account: account, at: now))
            }
            #expect(try await store.mendObjects() == 0, "the files stay until the backup has them")
            #expect(try fixture.directory.objectFiles().count == 50)
        }
        #expect(manifest.objects == 50 && manifest.missingObjects == 0 && manifest.rows["object"] == 50)
        #expect(try await store.mendObjects() == 30)
        #expect(try fixture.directory.objectFiles() == Set(objects.suffix(20).map(\.id)))
        try await restored { (other: Store) async throws in
            for (index, object) in objects.enumerated() {
                #expect(try await other.bytes(0..<1, of: object) == [UInt8(index)])
            }
            #expect(try await other.mendObjects() == 0)
        }
    }

    @Test(.timeLimit(.minutes(30))) func eachIsOfOneMomentWhileOthersStoreAndRemove() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var kept: [StoredObject] = []
                    while !Task.isCancelled {
                        kept.append(try await store.keep([1, 2], .object, for: account, at: now))
                        guard kept.count > 5 else { continue }
                        let oldest = kept.removeFirst()
                        _ = try await store.deleteObject(id: oldest.id, kind: .object, account: account, at: now)
                    }
                }
            }
            for number in 0..<5 {
                let manifest = try await backup.make(at: place.url.appending(path: "\(number)"), now: now)
                #expect(manifest.missingObjects == 0 && manifest.rows["object"] == manifest.objects)
            }
            group.cancelAll()
            while let outcome = await group.nextResult() {
                if case .failure(let error) = outcome, !(error is CancellationError) { throw error }
            }
        }
        while try await store.mendObjects() > 0 {}
        #expect(try await store.objectTotals().count == fixture.directory.objectFiles().count)
    }

    @Test func twoAtOnceAreOneTooMany() async throws {
        _ = try await store.keep([1], .object, for: account, at: now)
        _ = try await backup.make(at: folder, now: now) { () async throws in
            await #expect {
                try await backup.make(at: place.url.appending(path: "other"))
            } throws: { "\($0)".contains("another backup of") }
        }
        #expect(try names(in: place.url) == ["backup"])
    }

    // MARK: What is refused

    @Test func whatIsThereIsNotOverwritten() async throws {
        _ = try await backup.make(at: folder, now: now)
        await #expect(throws: BackupError.exists(path: folder.path)) { try await backup.make(at: folder) }
        // And what a killed process has left of one is nobody's.
        let left = place.url.appending(path: "next.partial")
        try FileManager.default.createDirectory(at: left.appending(path: "objects"), withIntermediateDirectories: true)
        try Data().write(to: left.appending(path: "unfinished-backup"))
        _ = try await backup.make(at: place.url.appending(path: "next"), now: now)
        #expect(try names(in: place.url) == ["backup", "next"])
        // A folder that only has such a name is somebody's.
        let others = place.url.appending(path: "last.partial")
        try FileManager.default.createDirectory(at: others, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: others.appending(path: "thesis.txt"))
        await #expect(throws: BackupError.exists(path: others.path)) {
            try await backup.make(at: place.url.appending(path: "last"), now: now)
        }
        #expect(try names(in: others) == ["thesis.txt"])
        #expect(!(try names(in: folder).contains("unfinished-backup")))
    }

    /// Whatever keeps it from being removed, the next one knows that it may be.
    @Test(.enabled(if: SmallDisk.isPossible)) func aDraftThatIsHalfRemovedIsADraft() async throws {
        let left = place.url.appending(path: "next.partial"), objects = left.appending(path: "objects")
        try FileManager.default.createDirectory(at: objects, withIntermediateDirectories: true)
        try Data().write(to: left.appending(path: "unfinished-backup"))
        try #require(mount("tmpfs", objects.path, "tmpfs", 0, "size=1m") == 0)
        defer { umount2(objects.path, Int32(MNT_DETACH)) }
        let next = place.url.appending(path: "next")
        await #expect(throws: BackupError.self) { try await backup.make(at: next, now: now) }
        #expect(try names(in: left) == ["objects", "unfinished-backup"])
        try #require(umount2(objects.path, 0) == 0)
        _ = try await backup.make(at: next, now: now)
        #expect(try names(in: place.url) == ["next"])
    }

    @Test(.enabled(if: SmallDisk.isPossible)) func aFullDiskIsToldInASentence() async throws {
        let disk = try SmallDisk(megabytes: 1)
        disk.fill()
        await #expect {
            try await backup.make(at: disk.url.appending(path: "backup"))
        } throws: {
            let isGood = "\($0)".hasPrefix("The backup failed: ") && !"\($0)".contains("not an error")
            if !isGood { Issue.record("\($0)") }
            return isGood && $0 is BackupError
        }
        #expect(try names(in: disk.url) == ["ballast"])
        let words = BackupError.reason(CocoaError(.fileWriteOutOfSpace, userInfo: [NSFilePathErrorKey: "/x/list"]))
        #expect(words?.hasPrefix("/x/list: ") == true && words?.contains("Domain") == false, "\(words ?? "")")
    }

    @Test func anInterruptedOneNeverHasItsName() async throws {
        struct Interrupted: Error {}
        await #expect(throws: Interrupted.self) { try await backup.make(at: folder) { throw Interrupted() } }
        #expect(try names(in: place.url) == [])
        _ = try await backup.make(at: folder, now: now)
    }

    @Test func itIsRestoredWhereNothingIs() async throws {
        _ = try await backup.make(at: folder, now: now)
        let (directory, database) = try emptyPlace()
        let target = Backup(of: directory.url, database: database, keys: keys)
        let (used, usedDatabase) = try await usedPlace { (place: Backup) async throws in
            await #expect {
                try await place.restore(from: folder)
            } throws: { "\($0)".contains("is in use by another Sightline process") }
        }
        await #expect {
            try await Backup(of: used.url, database: usedDatabase, keys: keys).restore(from: folder)
        } throws: { "\($0)".contains("is there already") }
        if Backend.current == .postgres {
            await #expect {
                try await Backup(of: directory.url, database: usedDatabase, keys: keys).restore(from: folder)
            } throws: { "\($0)".contains("it is not empty") }
            #expect(!isThere(directory.url), "nothing was done")
        }
        // A folder that somebody made stays, as it was.
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        let spool = directory.url.appending(path: Store.spoolName)
        try Data([1]).write(to: spool)
        await #expect(throws: BackupError.notEmpty(path: spool.path)) { try await target.restore(from: folder) }
        #expect(try names(in: directory.url) == [Store.spoolName])
        try FileManager.default.removeItem(at: spool)
        _ = try await target.restore(from: folder)
        #expect(!(try names(in: directory.url).contains(RestoreSite.folderName)))
    }

    @Test func anotherKeyIsRefusedAndTheRightOneNamed() async throws {
        _ = try await backup.make(at: folder, now: now)
        let (directory, database) = try emptyPlace()
        let file = fixture.directory.url.path + ".key"
        for source in [KeySource.given(.random()), .beside(directory.url)] {
            await #expect {
                try await Backup(of: directory.url, database: database, keys: source).restore(from: folder)
            } throws: { "\($0)".contains("under the key \(store.keyName), which lay in \(file), but ") }
        }
        #expect(!FileManager.default.fileExists(atPath: directory.url.path))
        #expect(!FileManager.default.fileExists(atPath: directory.url.path + ".key"), "no key is made")
        // The key itself is nowhere in it.
        let key = try Data(contentsOf: URL(filePath: file)).prefix(64)
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            guard let bytes = FileManager.default.contents(atPath: folder.appending(path: name).path) else { continue }
            #expect(bytes.range(of: key) == nil, "\(name)")
        }
    }

    @Test func oneOfANewerVersionIsRefused() async throws {
        _ = try await backup.make(at: folder, now: now)
        let file = folder.appending(path: "manifest.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        let (directory, database) = try emptyPlace()
        let target = Backup(of: directory.url, database: database, keys: keys)
        for changed in [
            text.replacing("\"0013 pledges\"", with: "\"0013 pledges\",\"9999 from the future\""),
            text.replacing("\"form\":1", with: "\"form\":2"),
        ] {
            #expect(changed != text)
            try Data(changed.utf8).write(to: file)
            await #expect {
                try await target.restore(from: folder)
            } throws: { if case BackupError.newer = $0 { true } else { false } }
        }
        try await store.write { _ = try $0.execute("INSERT INTO migration (name) VALUES ('9999 from the future')") }
        await #expect {
            try await backup.make(at: place.url.appending(path: "other"))
        } throws: { if case OpeningError.newer = $0 { true } else { false } }
    }

    @Test func bytesThatAreOthersOrGoneAreNamed() async throws {
        let object = try await store.keep([1, 2, 3], .object, for: account, at: now)
        _ = try await backup.make(at: folder, now: now)
        let (directory, database) = try emptyPlace()
        let target = Backup(of: directory.url, database: database, keys: keys)
        let file = folder.appending(path: Backup.databaseNames[target.kind]!), bytes = try Data(contentsOf: file)
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        try changed.write(to: file)
        await #expect(
            throws: BackupError.damaged(
                path: file.lastPathComponent, reason: "holds other bytes than when it was made")
        ) { try await target.restore(from: folder) }
        try bytes.write(to: file)
        let name = object.id.wire
        let path = folder.appending(path: "objects/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)")
        try FileManager.default.removeItem(at: path)
        try Data([1, 2]).write(to: path)
        await #expect(
            throws: BackupError.damaged(
                path: "the object \(name)", reason: "has 2 bytes and had 3 when the backup was made")
        ) { try await target.restore(from: folder) }
        try Data([1, 2, 4]).write(to: path)
        await #expect(throws: BackupError.damaged(path: "the object \(name)", reason: BackupError.otherBytes)) {
            try await target.restore(from: folder)
        }
        try FileManager.default.removeItem(at: path)
        await #expect(throws: BackupError.damaged(path: "the object \(name)", reason: "is missing")) {
            try await target.restore(from: folder)
        }
        // What was done of it was taken back.
        #expect(!isThere(directory.url))
        try Data([1, 2, 3]).write(to: path)
        _ = try await target.restore(from: folder)
    }

    /// Whoever loses the data would lose it, too.
    @Test func itIsNotPutIntoTheDataThatItIsOf() async throws {
        _ = try await store.keep([1], .object, for: account, at: now)
        let data = fixture.directory.url
        let link = place.url.appending(path: "link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: data)
        for folder in [
            data.appending(path: "backup"), data.appending(path: "objects/backup"), link.appending(path: "backup"),
        ] {
            await #expect(throws: BackupError.inData(path: folder.path, directory: data.path)) {
                try await backup.make(at: folder)
            }
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
        // A name that begins alike is another folder.
        let beside = URL(filePath: data.path + "-backup")
        defer { try? FileManager.default.removeItem(at: beside) }
        _ = try await backup.make(at: beside, now: now)
    }

    @Test func aManifestThatIsNoneIsToldByItsName() async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (text, reason) in [
            ("[]", "manifest.json: Input should be a valid"), ("{", "manifest.json: "),
            ("{\"form\":1}", "manifest.json: time: Field required"),
        ] {
            try Data(text.utf8).write(to: folder.appending(path: "manifest.json"))
            #expect {
                try BackupManifest(of: folder)
            } throws: {
                "\($0)".hasPrefix("\(folder.path) is no backup that can be read: \(reason)") && !"\($0)".contains(": :")
            }
        }
    }

    // MARK: What is cut off

    /// Begins to restore, and dies before the last step.
    private func cutOff(_ target: Backup, _ manifest: BackupManifest) async throws {
        try FileManager.default.createDirectory(at: target.directory, withIntermediateDirectories: true)
        try await target.put(manifest, of: folder, into: RestoreSite(target.directory))
    }
    private func expectHalf(_ target: Backup) {
        #expect(throws: OpeningError.halfRestored(path: target.directory.path)) {
            try Store(directory: target.directory, database: target.choice, keys: keys)
        }
    }

    @Test func oneThatIsCutOffWhileRestoredBeginsAnew() async throws {
        let object = try await store.keep([1, 2, 3], .object, for: account, at: now)
        let manifest = try await backup.make(at: folder, now: now)
        let (directory, database) = try emptyPlace()
        let target = Backup(of: directory.url, database: database, keys: keys)
        try await cutOff(target, manifest)
        expectHalf(target)
        // What is refused leaves it so.
        let path = folder.appending(path: Backup.objectListName), list = try Data(contentsOf: path)
        try Data("none\n".utf8).write(to: path)
        await #expect(throws: BackupError.self) { try await target.restore(from: folder) }
        try list.write(to: path)
        expectHalf(target)
        try await store.close()
        let name = object.id.wire
        let file = folder.appending(path: "objects/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)")
        try FileManager.default.moveItem(at: file, to: place.url.appending(path: "aside"))
        await #expect(throws: BackupError.damaged(path: "the object \(name)", reason: "is missing")) {
            try await target.restore(from: folder)
        }
        expectHalf(target)
        try FileManager.default.moveItem(at: place.url.appending(path: "aside"), to: file)
        _ = try await target.restore(from: folder)
        let other = try Store(directory: directory.url, database: database, keys: keys)
        #expect(try await other.bytes(0..<3, of: object) == [1, 2, 3])
        try await other.close()
    }

    /// Rows that came since are somebody's.
    @Test func aServersDatabaseIsEmptiedOnlyWhileItHoldsWhatWasPutThere() async throws {
        guard Backend.current == .postgres else { return }
        _ = try await store.keep([1, 2, 3], .object, for: account, at: now)
        let manifest = try await backup.make(at: folder, now: now)
        let (directory, database) = try emptyPlace(), elsewhere = TemporaryDirectory()
        let target = Backup(of: directory.url, database: database, keys: keys)
        try await cutOff(target, manifest)
        // One that was put there and is whole.
        let (next, nextDatabase) = try emptyPlace()
        _ = try await Backup(of: next.url, database: nextDatabase, keys: keys).restore(from: folder)
        for (place, choice) in [(directory, nextDatabase), (elsewhere, database)] {
            await #expect {
                try await Backup(of: place.url, database: choice, keys: keys).restore(from: folder)
            } throws: { "\($0)".contains("it is not empty") }
        }
        #expect(!isThere(elsewhere.url))
        expectHalf(target)
        #expect(try names(in: directory.url).contains(Store.objectsName), "nothing was done")

        guard case .postgres(let url, _) = database else { return }
        let name = String(url.prefix { $0 != "?" }.split(separator: "/").last!)
        let server = try PostgresServer.shared.get()
        for (change, undo) in [
            ("CREATE TABLE mine (id INT)", "DROP TABLE mine"), ("CREATE SEQUENCE mine", "DROP SEQUENCE mine"),
            ("INSERT INTO migration (name) VALUES ('mine')", "DELETE FROM migration WHERE name = 'mine'"),
        ] {
            try server.execute(change, in: name)
            await #expect {
                try await target.restore(from: folder)
            } throws: { "\($0)".contains("it is not empty") }
            expectHalf(target)
            try server.execute(undo, in: name)
        }
        _ = try await target.restore(from: folder)
        #expect(!(try names(in: directory.url).contains(RestoreSite.folderName)))
    }

    // MARK: What is no file, and what the manifest leaves out

    private enum Oddity: CaseIterable { case link, pipe, folder }
    private func replace(_ file: URL, by oddity: Oddity) throws {
        let aside = place.url.appending(path: "aside")
        try? FileManager.default.removeItem(at: aside)
        try FileManager.default.moveItem(at: file, to: aside)
        switch oddity {
        case .link: try FileManager.default.createSymbolicLink(at: file, withDestinationURL: aside)
        case .pipe: #expect(mkfifo(file.path, 0o600) == 0)
        case .folder: try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        }
    }

    @Test func whatIsNoFileIsRefused() async throws {
        let object = try await store.keep([1, 2, 3], .object, for: account, at: now)
        _ = try await backup.make(at: folder, now: now)
        let (directory, database) = try emptyPlace()
        let target = Backup(of: directory.url, database: database, keys: keys)
        let name = object.id.wire
        for path in [
            "objects/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)", Backup.databaseNames[target.kind]!,
            Backup.objectListName, "manifest.json", "objects/mark",
        ] {
            let file = folder.appending(path: path)
            for oddity in Oddity.allCases {
                try replace(file, by: oddity)
                await #expect("\(path): \(oddity)") {
                    try await target.restore(from: folder)
                } throws: {
                    $0 is BackupError && "\($0)".contains(/is a (symbolic link|pipe or device|folder) and no file/)
                }
                try FileManager.default.removeItem(at: file)
                try FileManager.default.moveItem(at: place.url.appending(path: "aside"), to: file)
            }
        }
        _ = try await target.restore(from: folder)
    }

    @Test func aManifestThatSaysOtherwiseIsRefused() async throws {
        _ = try await store.keep([1, 2, 3], .object, for: account, at: now)
        let manifest = try await backup.make(at: folder, now: now)
        let file = folder.appending(path: "manifest.json")
        guard case .object(let members) = try JSONValue(parsing: Data(contentsOf: file)),
            case .array(let files)? = members["files"], case .object(let rows)? = members["rows"],
            case .array(let schema)? = members["schema"]
        else { return }
        let (directory, database) = try emptyPlace()
        let target = Backup(of: directory.url, database: database, keys: keys)
        func expectRefusal(_ words: String, _ change: (inout [String: JSONValue]) -> Void) async throws {
            var changed = members
            change(&changed)
            try Data(JSONValue.object(changed).text.utf8).write(to: file)
            await #expect {
                try await target.restore(from: folder)
            } throws: {
                let isGood = $0 is BackupError && "\($0)".contains(words)
                if !isGood { Issue.record("\($0)") }
                return isGood
            }
        }
        let names = [Backup.databaseNames[target.kind]!, Backup.objectListName]
        try await expectRefusal("does not name the file \(names[0])") { $0["files"] = [] }
        for (index, name) in names.enumerated() {
            let others = files.enumerated().filter { $0.offset != index }.map(\.element)
            try await expectRefusal("does not name the file \(name)") { $0["files"] = .array(others) }
        }
        try await expectRefusal("names the file '\(names[0])'") { $0["files"] = .array(files + files) }
        try await expectRefusal("names the file '../x'") {
            $0["files"] = .array(files + [["name": "../x", "size": 0, "hash": ""]])
        }
        try await expectRefusal("manifest.json: key: Field required") { $0["key"] = nil }
        try await expectRefusal("manifest.json: schema: ") { $0["schema"] = [] }
        try await expectRefusal("how many objects") { $0["objects"] = 2 }
        try await expectRefusal("which key") { $0["key"] = .null }
        try await expectRefusal("which steps") { $0["schema"] = .array(Array(schema.dropLast())) }
        try await expectRefusal("how many rows 'account' has") {
            $0["rows"] = .object(rows.merging(["account": 7]) { $1 })
        }
        try await expectRefusal("how many rows 'object' has") {
            $0["rows"] = .object(rows.filter { $0.key != "object" })
        }
        // What was done was taken back.
        #expect(!isThere(directory.url))
        try Data(manifest.text.utf8).write(to: file)
        _ = try await target.restore(from: folder)
    }

    @Test func anObjectsFileThatIsTooShortIsCounted() async throws {
        let object = try await store.keep([1, 2, 3], .object, for: account, at: now)
        _ = try await store.keep([4], .object, for: account, at: now)
        let name = object.id.wire
        let path = fixture.directory.url.appending(
            path: "objects/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)")
        try FileManager.default.removeItem(at: path)
        try Data([1, 2]).write(to: path)
        let manifest = try await backup.make(at: folder, now: now)
        #expect(manifest.objects == 1 && manifest.objectBytes == 1 && manifest.missingObjects == 1)
    }

    @Test func whatFailsWhileRestoredIsCalledSo() async throws {
        _ = try await backup.make(at: folder, now: now)
        let (directory, database) = try emptyPlace()
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        try Data().write(to: directory.url.appending(path: RestoreSite.folderName))
        await #expect {
            try await Backup(of: directory.url, database: database, keys: keys).restore(from: folder)
        } throws: { "\($0)".hasPrefix("The restore failed: ") }
    }
}

/// Backups of what only one kind of database knows.
@Suite(.timeLimit(.minutes(30))) struct EmbeddedBackupTests {
    private let place = TemporaryDirectory()

    /// Events that are on the disk and not in the database were promised to somebody.
    @Test func eventsThatWaitAreInItWithTheirPictures() async throws {
        let fixture = try await TemporaryStore(.sqlite), directory = TemporaryDirectory()
        try FileManager.default.createDirectory(at: place.url, withIntermediateDirectories: true)
        try await fixture.store.claimObjects()
        let stream = try await fixture.createStream().definition
        let events = (0..<3).map { Event.crowd(from: Double($0), to: Double($0) + 0.5).pictured() }
        let database = fixture.directory.url.appending(path: Store.fileName)
        let aside = fixture.directory.url.appending(path: "aside")
        try FileManager.default.moveItem(at: database, to: aside)  // which takes nothing then
        try await fixture.store.record(events, of: stream)
        #expect(fixture.store.spooledEventWrites == 6)
        try await fixture.store.close()
        try FileManager.default.moveItem(at: aside, to: database)
        let folder = place.url.appending(path: "backup"), keys = KeySource.beside(fixture.directory.url)
        let manifest = try await Backup(of: fixture.directory.url).make(at: folder)
        #expect(manifest.rows["event"] == 0 && manifest.objects == 3)

        _ = try await Backup(of: directory.url, keys: keys).restore(from: folder)
        let other = try Store(directory: directory.url, keys: keys)
        try await other.claimObjects()
        try await other.recoverFromUncleanStop(at: TemporaryStore.noon)
        let records = try await other.events(account: fixture.account.id)
        #expect(records.map(\.event.id) == events.flatMap { [$0.id, $0.id] } && records.allSatisfy { $0.hasPicture })
        #expect(try await other.mendObjects() == 0)
        try await other.close()
    }

    @Test func oneOfTheOtherKindIsRefused() async throws {
        let fixture = try await TemporaryStore(.sqlite), directory = TemporaryDirectory()
        try FileManager.default.createDirectory(at: place.url, withIntermediateDirectories: true)
        let folder = place.url.appending(path: "backup")
        _ = try await Backup(of: fixture.directory.url).make(at: folder)
        let server = DatabaseChoice.postgres(url: "postgres://sightline@127.0.0.1:1/events", password: nil)
        await #expect(throws: BackupError.otherKind(found: "sqlite", wanted: "postgres")) {
            try await Backup(of: directory.url, database: server).restore(from: folder)
        }
    }

    /// A log that a killed process has left is part of the database.
    @Test func theDatabaseOfAKilledProcessIsInItWholly() async throws {
        let fixture = try await TemporaryStore(.sqlite), killed = TemporaryDirectory()
        try FileManager.default.copyItem(at: fixture.directory.url, to: killed.url)
        #expect(FileManager.default.fileExists(atPath: killed.url.path + "/\(Store.fileName)-wal"))
        try FileManager.default.createDirectory(at: place.url, withIntermediateDirectories: true)
        let manifest = try await Backup(of: killed.url).make(at: place.url.appending(path: "backup"))
        #expect(manifest.rows["account"] == 1)
    }
}
