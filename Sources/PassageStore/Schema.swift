import GRDB

/// The tables and how a database of an earlier version becomes one of this version.
///
/// Paths are BLOBs and compare as bytes. Times are nanoseconds since 1970. Inode and device numbers are the 64 bits of
/// the unsigned value. Hashes are 32 bytes.
enum Schema {
  /// Stands in `PRAGMA application_id`: "Fumi".
  static let applicationID: Int32 = 0x4675_6D69
  /// Stands in `PRAGMA user_version`: the number of the last migration below.
  static let version = 3

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(sql: shares + files + passages + keywords + projectors + queue + tallies + records)
      try db.execute(sql: "PRAGMA user_version = 1")
    }
    migrator.registerMigration("2") { db in
      try db.execute(sql: severalModels)
      try db.execute(sql: "PRAGMA user_version = 2")
    }
    migrator.registerMigration("3") { db in
      try db.execute(sql: questions)
      try db.execute(sql: "PRAGMA user_version = 3")
    }
    return migrator
  }

  /// The columns that hold `FileAttributes`, in the order in which `StoredColumns` reads and writes them.
  private static let attributes = """
    kind TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL, dev INTEGER NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL,
    acl BLOB
    """

  private static let shares = """
    CREATE TABLE share (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      root BLOB NOT NULL,
      dev INTEGER NOT NULL,
      epoch INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE directory (
      path BLOB PRIMARY KEY,
      share INTEGER REFERENCES share ON DELETE SET NULL,
      \(attributes)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX directory_by_share ON directory(share);

    """

  // AUTOINCREMENT throughout: an id that is never used again cannot be mistaken by somebody who still holds it.
  private static let files = """
    CREATE TABLE file (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      share INTEGER NOT NULL REFERENCES share ON DELETE CASCADE,
      path BLOB NOT NULL,
      \(attributes),
      content_hash BLOB CHECK (length(content_hash) = 32),
      read_at INTEGER NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('indexed', 'skipped', 'failed', 'quarantined')),
      type TEXT,
      title TEXT,
      stale INTEGER NOT NULL DEFAULT 0,
      partial TEXT,
      reason TEXT,
      detail TEXT,
      attempts INTEGER NOT NULL DEFAULT 0,
      passages INTEGER NOT NULL DEFAULT 0,
      UNIQUE (share, path)
    ) STRICT;
    CREATE INDEX file_by_inode ON file(inode);

    """

  // A text is stored once however many passages have it; its last passage takes it along. A vector outlives its last
  // passage until it is collected, as an edit that is undone needs it again: `vector_unused` lists who may go.
  private static let passages = """
    CREATE TABLE model (
      id INTEGER PRIMARY KEY,
      hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
    ) STRICT;
    CREATE TABLE vector (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
      model INTEGER NOT NULL REFERENCES model,
      scale REAL NOT NULL,
      components BLOB NOT NULL
    ) STRICT;
    CREATE TABLE vector_unused (
      vector INTEGER PRIMARY KEY REFERENCES vector ON DELETE CASCADE
    ) STRICT;
    CREATE TABLE passage_text (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
      text TEXT NOT NULL
    ) STRICT;
    CREATE TABLE passage (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      file INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
      ordinal INTEGER NOT NULL,
      heading TEXT,
      page INTEGER,
      start INTEGER NOT NULL,
      length INTEGER NOT NULL,
      text INTEGER NOT NULL REFERENCES passage_text,
      vector INTEGER NOT NULL REFERENCES vector
    ) STRICT;
    CREATE INDEX passage_by_file ON passage(file, ordinal);
    CREATE INDEX passage_by_text ON passage(text);
    CREATE INDEX passage_by_vector ON passage(vector);
    CREATE TRIGGER passage_deleted AFTER DELETE ON passage BEGIN
      DELETE FROM passage_text WHERE id = OLD.text AND NOT EXISTS (SELECT 1 FROM passage WHERE text = OLD.text);
      INSERT OR IGNORE INTO vector_unused
        SELECT OLD.vector WHERE NOT EXISTS (SELECT 1 FROM passage WHERE vector = OLD.vector);
    END;

    """

  // An external content table: SQLite 3.40 cannot delete from a contentless one, and a second copy of the texts would
  // double the database.
  private static let keywords = """
    CREATE VIRTUAL TABLE passage_fts USING fts5(
      text, content = 'passage_text', content_rowid = 'id', tokenize = '\(PassageTokenizer.name)'
    );
    CREATE TRIGGER passage_text_inserted AFTER INSERT ON passage_text BEGIN
      INSERT INTO passage_fts(rowid, text) VALUES (NEW.id, NEW.text);
    END;
    CREATE TRIGGER passage_text_deleted AFTER DELETE ON passage_text BEGIN
      INSERT INTO passage_fts(passage_fts, rowid, text) VALUES ('delete', OLD.id, OLD.text);
    END;

    """

  // The key of `code` begins with the vector, so that one lookup serves a join from passages, and the foreign key.
  private static let projectors = """
    CREATE TABLE projector (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      version INTEGER NOT NULL UNIQUE,
      parent INTEGER REFERENCES projector,
      state TEXT NOT NULL CHECK (state IN ('candidate', 'shadow', 'canary', 'active', 'retired', 'rejected')),
      method TEXT NOT NULL,
      dimensions INTEGER NOT NULL,
      bits INTEGER NOT NULL,
      recipe TEXT NOT NULL,
      seed INTEGER NOT NULL,
      corpus_fingerprint TEXT NOT NULL,
      profile TEXT,
      reason TEXT,
      created INTEGER NOT NULL,
      model INTEGER NOT NULL REFERENCES model,
      encoded_projector BLOB NOT NULL,
      encoded_quantizer BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX projector_active ON projector(state) WHERE state = 'active';
    CREATE TABLE code (
      vector INTEGER NOT NULL REFERENCES vector ON DELETE CASCADE,
      projector INTEGER NOT NULL REFERENCES projector,
      bytes BLOB NOT NULL,
      PRIMARY KEY (vector, projector)
    ) STRICT, WITHOUT ROWID;

    """

  private static let queue = """
    CREATE TABLE job (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      share INTEGER NOT NULL REFERENCES share ON DELETE CASCADE,
      path BLOB NOT NULL,
      cause INTEGER NOT NULL,
      urgent INTEGER NOT NULL,
      generation INTEGER NOT NULL DEFAULT 1,
      not_before INTEGER NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      claimed INTEGER NOT NULL DEFAULT 0,
      UNIQUE (share, path)
    ) STRICT;
    CREATE INDEX job_waiting ON job(urgent, not_before) WHERE claimed = 0;
    CREATE INDEX job_claimed ON job(id) WHERE claimed = 1;
    CREATE INDEX job_by_share ON job(share, id);

    """

  // Counting a million files takes a tenth of a second; status is asked for by people who watch it.
  private static let tallies = """
    CREATE TABLE tally (
      share INTEGER PRIMARY KEY REFERENCES share ON DELETE CASCADE,
      indexed_files INTEGER NOT NULL DEFAULT 0,
      skipped_files INTEGER NOT NULL DEFAULT 0,
      failed_files INTEGER NOT NULL DEFAULT 0,
      quarantined_files INTEGER NOT NULL DEFAULT 0,
      passages INTEGER NOT NULL DEFAULT 0,
      jobs INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TRIGGER share_inserted AFTER INSERT ON share BEGIN
      INSERT INTO tally(share) VALUES (NEW.id);
    END;
    CREATE TRIGGER file_inserted AFTER INSERT ON file BEGIN
      UPDATE tally SET \(counted("NEW", "+")) WHERE share = NEW.share;
    END;
    CREATE TRIGGER file_deleted AFTER DELETE ON file BEGIN
      UPDATE tally SET \(counted("OLD", "-")) WHERE share = OLD.share;
    END;
    CREATE TRIGGER file_updated AFTER UPDATE OF state, passages ON file
      WHEN OLD.state <> NEW.state OR OLD.passages <> NEW.passages BEGIN
      UPDATE tally SET \(counted("OLD", "-")) WHERE share = OLD.share;
      UPDATE tally SET \(counted("NEW", "+")) WHERE share = NEW.share;
    END;
    CREATE TRIGGER job_inserted AFTER INSERT ON job BEGIN
      UPDATE tally SET jobs = jobs + 1 WHERE share = NEW.share;
    END;
    CREATE TRIGGER job_deleted AFTER DELETE ON job BEGIN
      UPDATE tally SET jobs = jobs - 1 WHERE share = OLD.share;
    END;

    """

  private static func counted(_ row: String, _ sign: String) -> String {
    ["indexed", "skipped", "failed", "quarantined"]
      .map { "\($0)_files = \($0)_files \(sign) (\(row).state = '\($0)')" }
      .joined(separator: ", ") + ", passages = passages \(sign) \(row).passages"
  }

  // The journal outlives the shares that it speaks of: no foreign key.
  private static let records = """
    CREATE TABLE event (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      time INTEGER NOT NULL,
      share INTEGER,
      path BLOB,
      kind TEXT NOT NULL,
      detail TEXT
    ) STRICT;
    CREATE INDEX event_by_path ON event(share, path);
    CREATE TABLE metric (
      name TEXT NOT NULL,
      time INTEGER NOT NULL,
      value REAL NOT NULL,
      PRIMARY KEY (name, time)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE setting (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """

  // A share's model is that of all its passages' vectors; NULL while they are of several. Each model has its own
  // projectors, of which one may be in force. `path` is where the model's file was last seen.
  private static let severalModels = """
    ALTER TABLE model ADD COLUMN name TEXT;
    ALTER TABLE model ADD COLUMN path BLOB;
    ALTER TABLE share ADD COLUMN model INTEGER REFERENCES model;
    UPDATE share SET model = (
      SELECT model.id FROM model JOIN setting ON setting.key = 'model' AND setting.value = lower(hex(model.hash))
    );
    DELETE FROM setting WHERE key = 'model';
    DROP INDEX projector_active;
    CREATE UNIQUE INDEX projector_active ON projector(model) WHERE state = 'active';
    CREATE INDEX vector_by_model ON vector(model);
    """

  // Vectors of the pseudo-queries that projectors were trained with, so that the next training encodes only what is new. A
  // question is made of its passage's text and heading: it goes in the transaction in which either does, and where the
  // passage takes another model's vector.
  private static let questions = """
    CREATE TABLE question (
      id INTEGER PRIMARY KEY,
      key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
      passage INTEGER NOT NULL REFERENCES passage ON DELETE CASCADE,
      model INTEGER NOT NULL REFERENCES model,
      scale REAL NOT NULL,
      components BLOB NOT NULL
    ) STRICT;
    CREATE INDEX question_by_passage ON question(passage);
    CREATE INDEX question_by_model ON question(model);
    CREATE TRIGGER passage_asked_otherwise AFTER UPDATE OF heading, vector ON passage
      WHEN OLD.heading IS NOT NEW.heading OR OLD.vector <> NEW.vector BEGIN
      DELETE FROM question WHERE passage = OLD.id;
    END;
    """
}
