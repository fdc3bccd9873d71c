import SQL

extension Schema {
    /// Faces, what they look like, the lists that they are on, and who was told.
    static func faces(_ type: Dialect) -> String {
        // What is known of a face by its looks.
        let features = """
                create_time \(type.integer) NOT NULL,
                descriptor_id \(type.integer) REFERENCES descriptor (id),
                -- Ids with commas between them.
                descriptor_samples TEXT NOT NULL,
                age \(type.integer),
                gender \(type.integer),
                ethnicity \(type.integer),
                basic_samples TEXT NOT NULL
            """
        return """
            \(descriptors(type))

            CREATE TABLE face (
                sequence \(type.sequence),
                id \(type.id) NOT NULL UNIQUE,
                account_id \(type.id) NOT NULL REFERENCES account (id),
                event_id \(type.id),
                external_id TEXT NOT NULL,
                user_data TEXT NOT NULL,
                avatar TEXT NOT NULL,
                create_time \(type.integer) NOT NULL
            ) \(type.strict);
            CREATE INDEX face_by_account ON face (account_id, sequence);
            CREATE INDEX face_by_id ON face (account_id, id);
            CREATE INDEX face_by_account_time ON face (account_id, create_time);
            CREATE INDEX face_by_create_time ON face (create_time);
            CREATE INDEX face_by_external_id ON face (external_id, sequence);
            CREATE INDEX face_by_event ON face (event_id) WHERE event_id IS NOT NULL;

            CREATE TABLE face_attribute (
                face_sequence \(type.integer) NOT NULL PRIMARY KEY REFERENCES face (sequence) ON DELETE CASCADE,
                account_id \(type.id) NOT NULL,
            \(features)
            ) \(type.strict);
            CREATE INDEX face_attribute_by_account ON face_attribute (account_id, face_sequence);
            \(descriptorGoes(with: "face_attribute", type))

            -- Kept for a while, of no face.
            CREATE TABLE attribute (
                sequence \(type.sequence),
                id \(type.id) NOT NULL UNIQUE,
                account_id \(type.id) NOT NULL REFERENCES account (id),
                expiry \(type.integer) NOT NULL,
            \(features)
            ) \(type.strict);
            CREATE INDEX attribute_by_account ON attribute (account_id, sequence);
            CREATE INDEX attribute_by_expiry ON attribute (expiry);
            \(descriptorGoes(with: "attribute", type))

            CREATE TABLE face_list (
                sequence \(type.sequence),
                id \(type.id) NOT NULL UNIQUE,
                account_id \(type.id) NOT NULL REFERENCES account (id),
                user_data TEXT NOT NULL,
                -- For which faces stay on it. NULL: as long as nobody takes them off.
                face_days \(type.integer),
                create_time \(type.integer) NOT NULL,
                last_update_time \(type.integer) NOT NULL
            ) \(type.strict);
            CREATE INDEX face_list_by_account ON face_list (account_id, sequence);
            CREATE INDEX face_list_by_id ON face_list (account_id, id);
            CREATE INDEX face_list_by_account_time ON face_list (account_id, create_time);
            CREATE INDEX face_list_by_account_update ON face_list (account_id, last_update_time);
            CREATE INDEX face_list_by_create_time ON face_list (create_time);
            CREATE INDEX face_list_by_update ON face_list (last_update_time);
            CREATE INDEX face_list_by_user_data ON face_list (user_data, sequence);
            CREATE INDEX face_list_with_days ON face_list (sequence) WHERE face_days IS NOT NULL;

            -- Which faces are on which list, both by their sequence.
            CREATE TABLE face_list_member (
                list_sequence \(type.integer) NOT NULL REFERENCES face_list (sequence) ON DELETE CASCADE,
                face_sequence \(type.integer) NOT NULL REFERENCES face (sequence) ON DELETE CASCADE,
                attach_time \(type.integer) NOT NULL,
                PRIMARY KEY (list_sequence, face_sequence)
            ) \(type.strictByKey);
            CREATE INDEX face_list_member_by_face ON face_list_member (face_sequence, list_sequence);
            CREATE INDEX face_list_member_by_time ON face_list_member (list_sequence, attach_time);

            -- Who was told what a face looks like.
            CREATE TABLE biometric_log (
                sequence \(type.sequence),
                -- Whose the face or attribute is.
                account_id \(type.id) NOT NULL,
                subject_kind TEXT NOT NULL,
                subject_id \(type.id) NOT NULL,
                action TEXT NOT NULL,
                reader_id \(type.id) NOT NULL,
                reader_token_id \(type.id),
                request_id TEXT NOT NULL,
                time \(type.integer) NOT NULL
            ) \(type.strict);
            CREATE INDEX biometric_log_by_account ON biometric_log (account_id, sequence);
            CREATE INDEX biometric_log_by_subject ON biometric_log (subject_id, sequence);
            CREATE INDEX biometric_log_by_reader ON biometric_log (reader_id, sequence);
            CREATE INDEX biometric_log_by_time ON biometric_log (time);
            """
    }
    /// What faces look like, apart from the rows that refer to it. They are not sealed: the pictures that they are taken from lie open as well.
    private static func descriptors(_ type: Dialect) -> String {
        """
        -- SQLite moves rows from page to page as others come and go, and may leave a copy behind that no deletion reaches. So none of these is
        -- deleted or changes its size there: one that is not needed any more is overwritten where it lies, and used again.
        CREATE TABLE descriptor (
            id \(type.key),
            -- Whether it can be used again; then the bytes are zeros.
            is_free \(type.integer) NOT NULL,
            -- Of which network.
            version \(type.integer) NOT NULL,
            -- Numbers of four bytes, little-endian.
            bytes \(type.blob) NOT NULL
        ) \(type.strict);
        CREATE INDEX descriptor_free ON descriptor (id) WHERE is_free = 1;
        """
    }
    /// Whatever deletes a row, its descriptor is gone in the same transaction.
    /// - Parameter table: one with `descriptor_id`, which is never changed.
    static func descriptorGoes(with table: String, _ type: Dialect) -> String {
        let name = "\(table)_leaves_descriptor"
        return switch type.name {
        case .sqlite:
            """
            CREATE TRIGGER \(name) AFTER DELETE ON \(table) WHEN OLD.descriptor_id IS NOT NULL BEGIN
                UPDATE descriptor SET is_free = 1, bytes = zeroblob(length(bytes)) WHERE id = OLD.descriptor_id;
            END;
            """
        case .postgres:
            """
            CREATE FUNCTION \(name)() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN
                DELETE FROM descriptor WHERE id = OLD.descriptor_id;
                RETURN NULL;
            END $body$;
            CREATE TRIGGER \(name) AFTER DELETE ON \(table) FOR EACH ROW WHEN (OLD.descriptor_id IS NOT NULL)
                EXECUTE FUNCTION \(name)();
            """
        }
    }
}
