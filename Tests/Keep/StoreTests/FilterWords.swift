import Foundation
import Records

/// Filters as these tests write them down.
extension Filter<RegisteredStream> {
    var ids: [UUID] {
        get { [] }
        set { require(.ids, newValue.map { .id($0) }) }
    }
    var names: [String] {
        get { [] }
        set { require(.names, newValue.map { .text($0) }) }
    }
    var statuses: [StreamStatus] {
        get { [] }
        set { require(.statuses, newValue.map { .integer($0.rawValue) }) }
    }
    var reference: String? {
        get { nil }
        set { require(.reference, [.text(newValue!)]) }
    }
    var groupName: String? {
        get { nil }
        set { require(.groupName, [.text(newValue!)]) }
    }
    var createdAtOrAfter: Date? {
        get { nil }
        set { require(.createdAtOrAfter, [.time(newValue!)]) }
    }
    var createdBefore: Date? {
        get { nil }
        set { require(.createdBefore, [.time(newValue!)]) }
    }
    var idAtLeast: UUID? {
        get { nil }
        set { require(.idAtLeast, [.id(newValue!)]) }
    }
    var idBelow: UUID? {
        get { nil }
        set { require(.idBelow, [.id(newValue!)]) }
    }
}
extension Filter<StreamGroup> {
    var ids: [UUID] {
        get { [] }
        set { require(.ids, newValue.map { .id($0) }) }
    }
    var names: [String] {
        get { [] }
        set { require(.names, newValue.map { .text($0) }) }
    }
}
extension Filter<StreamLogRecord> {
    var statuses: [StreamStatus] {
        get { [] }
        set { require(.statuses, newValue.map { .integer($0.rawValue) }) }
    }
    var streamIDs: [UUID] {
        get { [] }
        set { require(.streamIDs, newValue.map { .id($0) }) }
    }
    var atOrAfter: Date? {
        get { nil }
        set { require(.atOrAfter, [.time(newValue!)]) }
    }
    var before: Date? {
        get { nil }
        set { require(.before, [.time(newValue!)]) }
    }
}
