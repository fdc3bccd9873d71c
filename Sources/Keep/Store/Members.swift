import Records

/// Who belongs to what, such as faces to lists: pairs of sequences in a table of their own.
struct MemberTable: Sendable {
    let pairs: String
    /// The columns of a pair.
    let member, owner: String
    /// The table of what there are members of.
    let owners: String

    static let groups = MemberTable(
        pairs: "group_member", member: "stream_sequence", owner: "group_sequence", owners: "stream_group")
    static let lists = MemberTable(
        pairs: "face_list_member", member: "face_sequence", owner: "list_sequence", owners: "face_list")
}

extension Filter {
    /// - Parameters:
    ///   - column: no column of the resource's own: conditions on it say to what somebody belongs.
    ///   - field: by which these name it.
    fileprivate func clauses<Owner>(
        membersBy column: String, _ field: FilterField<Owner>, in table: MemberTable
    ) -> Clauses {
        var own = self
        own.conditions.removeAll { $0.column == column }
        var clauses = own.clauses()
        for condition in conditions where condition.column == column {
            let owners = Filter<Owner>(
                accountID: accountID, [Condition(field.column, condition.comparison, condition.values)]
            ).clauses()
            clauses.add(
                """
                sequence IN (SELECT \(table.member) FROM \(table.pairs)
                    WHERE \(table.owner) IN (SELECT sequence FROM \(table.owners)\(owners.sql)))
                """, owners.arguments)
        }
        return clauses
    }
}

extension Filter<RegisteredStream> {
    var clauses: Clauses {
        clauses(membersBy: FilterField<RegisteredStream>.groupColumn, FilterField<StreamGroup>.names, in: .groups)
    }
}
extension Filter<Face> {
    var clauses: Clauses {
        clauses(membersBy: FilterField<Face>.listColumn, FilterField<FaceList>.ids, in: .lists)
    }
}
