public import Foundation
import JSON
import ObjectStore
import Records

/// What a backup says of itself: `manifest.json` in its folder, written last.
public struct BackupManifest: Hashable, Sendable {
    /// A file of the backup, other than those of objects.
    public struct File: Hashable, Sendable {
        public let name: String
        /// In bytes.
        public let size: Int
        /// BLAKE2b of 256 bits, as `b2sum --length=256` prints it.
        public let hash: String
    }
    static let name = "manifest.json"
    static let currentForm: Int64 = 1

    /// Of Sightline.
    public let version: String
    /// When it was begun.
    public let time: Date
    /// `sqlite` or `postgres`.
    public let kind: String
    /// The steps of the schema that the database has taken.
    public let schema: [String]
    /// The name of the key that secrets are sealed under, and the file that it lay in; never the key.
    public let key: String?
    public let keyFile: String?
    /// Rows by table.
    public let rows: [String: Int]
    public let objects, objectBytes: Int
    /// Objects that had no file, or one that was too short.
    public let missingObjects: Int
    public var files: [File]
}

extension BackupManifest {
    var text: String {
        JSONValue.object([
            "form": .integer(Self.currentForm), "version": .string(version), "time": .string(time.rfc3339),
            "database": .string(kind), "schema": .array(schema.map(JSONValue.string)),
            "key": key.map(JSONValue.string) ?? .null, "key_file": keyFile.map(JSONValue.string) ?? .null,
            "rows": .object(rows.mapValues { .integer(Int64($0)) }),
            "objects": .integer(Int64(objects)), "object_bytes": .integer(Int64(objectBytes)),
            "missing_objects": .integer(Int64(missingObjects)),
            "files": .array(
                files.map {
                    ["name": .string($0.name), "size": .integer(Int64($0.size)), "hash": .string($0.hash)]
                }),
        ]).text + "\n"
    }

    /// - Throws: `BackupError` for a folder that is no backup, or one of a later form.
    init(of folder: URL) throws(BackupError) {
        let file = folder.appending(path: Self.name)
        if let oddity = oddity(of: file.path) { throw .noBackup(path: folder.path, reason: "\(Self.name) \(oddity)") }
        guard let data = FileManager.default.contents(atPath: file.path) else {
            let isThere = access(file.path, F_OK) == 0 || ![ENOENT, ENOTDIR].contains(errno)
            let reason = isThere ? "\(file.path) cannot be read" : "it has no \(Self.name)"
            throw .noBackup(path: folder.path, reason: reason)
        }
        do throws(JSONViolation) {
            let value: JSONValue
            do { value = try JSONValue(parsing: data) } catch {
                throw JSONViolation(path: "", message: "\(error)")
            }
            try self.init(JSONReader(value))
        } catch {
            if error.path == "form" { throw .newer(path: folder.path, version: "of another form") }
            let place = error.path.isEmpty ? "" : "\(error.path): "
            throw .noBackup(path: folder.path, reason: "\(Self.name): \(place)\(error.message)")
        }
    }
    private init(_ reader: JSONReader) throws(JSONViolation) {
        guard try reader.required("form").integer() == Self.currentForm else {
            throw try reader.required("form").violation("Input should be \(Self.currentForm)")
        }
        let time = try reader.required("time")
        guard let instant = Date(rfc3339: try time.string()) else { throw time.violation("Input should be a time") }
        self.time = instant
        version = try reader.required("version").string()
        kind = try reader.required("database").string()
        var schema: [String] = []
        for step in try reader.required("schema").items(minimum: 1) { schema.append(try step.string()) }
        self.schema = schema
        let key = try reader.required("key")
        self.key = key.value == .null ? nil : try key.string()
        keyFile = try reader.present("key_file")?.string()
        rows = try reader.required("rows").counts()
        objects = try reader.required("objects").integer()
        objectBytes = try reader.required("object_bytes").integer()
        missingObjects = try reader.required("missing_objects").integer()
        var files: [File] = []
        for file in try reader.required("files").items() {
            files.append(
                File(
                    name: try file.required("name").string(), size: try file.required("size").integer(),
                    hash: try file.required("hash").string()))
        }
        self.files = files
    }
}

extension JSONReader {
    /// Whole numbers by name.
    func counts() throws(JSONViolation) -> [String: Int] {
        var counts: [String: Int] = [:]
        for (name, count) in try object() { counts[name] = try child(name, count).integer() }
        return counts
    }
}
