import Foundation

/// Refuses outputs that would destroy what is read, or one another.
public struct OutputFiles {
    /// What is named twice.
    public struct Clash: Error, Hashable, CustomStringConvertible {
        let option, other, path: String
        public var description: String { "\(option) would write over \(other): \(path)." }
    }
    /// One file, by whatever path it is named.
    private enum Identity: Hashable {
        case inode(device: UInt64, number: UInt64)
        /// Of one that is not there yet.
        case path(String)

        init(_ path: String) {
            let place = Self.place(path), found = Self.attributes(place)
            if let device = found?[.systemNumber] as? NSNumber, let number = found?[.systemFileNumber] as? NSNumber {
                self = .inode(device: device.uint64Value, number: number.uint64Value)
            } else {
                self = .path(place)
            }
        }
        /// Such as `/dev/null`, which holds nothing that could be lost.
        static func holdsNothing(_ path: String) -> Bool {
            let type = attributes(place(path))?[.type] as? FileAttributeType
            return type.map { $0 != .typeRegular && $0 != .typeDirectory } ?? false
        }
        /// Where links lead, also those to what is not there yet, which Foundation leaves as they are.
        private static func place(_ path: String) -> String {
            var url = URL(filePath: path)
            for _ in 0..<mostLinks {
                let folder = url.deletingLastPathComponent().resolvingSymlinksInPath().standardizedFileURL
                url = folder.appending(path: url.lastPathComponent)
                guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: url.path) else { break }
                url = target.hasPrefix("/") ? URL(filePath: target) : folder.appending(path: target)
            }
            return url.standardizedFileURL.path
        }
        /// As Linux has it.
        private static let mostLinks = 40
        private static func attributes(_ place: String) -> [FileAttributeKey: Any]? {
            try? FileManager.default.attributesOfItem(atPath: place)
        }
    }

    /// - Parameters:
    ///   - inputs: paths, or addresses, which no output is.
    ///   - outputs: by the option that names them; those that are not given are `nil`.
    /// - Throws: `Clash` for the first that is an input or an earlier one.
    public static func check(_ inputs: [String], _ outputs: [(option: String, path: String?)]) throws(Clash) {
        var taken: [Identity: String] = [:]
        for input in inputs { taken[Identity(input)] = "the input" }
        for case (let option, let path?) in outputs where !Identity.holdsNothing(path) {
            if let other = taken.updateValue(option, forKey: Identity(path)) {
                throw Clash(option: option, other: other, path: path)
            }
        }
    }
}
