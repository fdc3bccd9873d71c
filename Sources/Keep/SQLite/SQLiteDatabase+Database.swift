public import SQL

// GRDB has a `SQL`, a `Database` and a `Row` of its own; this file does not know them.
extension SQLiteDatabase: Database {}

typealias AnswerRow = Row
