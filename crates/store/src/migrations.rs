//! Numbered steps of the schema, forward only.

/// The steps of one database file, in order; the schema's version is how many have been taken.
pub(crate) struct Migrations {
    pub(crate) steps: &'static [&'static str],
}

pub(crate) const SQLITE: Migrations = Migrations {
    steps: &[
        include_str!("../migrations/sqlite/0001_initial.sql"),
        include_str!("../migrations/sqlite/0002_attempts_and_groups.sql"),
    ],
};

pub(crate) const SQLITE_LOGS: Migrations = Migrations {
    steps: &[
        include_str!("../migrations/sqlite-logs/0001_initial.sql"),
        include_str!("../migrations/sqlite-logs/0002_packs_and_marks.sql"),
    ],
};

pub(crate) const POSTGRES: Migrations = Migrations {
    steps: &[
        include_str!("../migrations/postgres/0001_initial.sql"),
        include_str!("../migrations/postgres/0002_attempts_and_groups.sql"),
    ],
};

impl Migrations {
    /// The steps that a schema of this version still needs, or why it cannot be used.
    pub(crate) fn missing(&self, version: i64, place: &str) -> Result<&'static [&'static str], String> {
        let known = self.steps.len();
        match usize::try_from(version) {
            Ok(version) if version <= known => Ok(&self.steps[version..]),
            _ => Err(format!(
                "{place} was written by a newer Windlass (schema {version}, this one knows {known}): \
                 use that version, or another state folder"
            )),
        }
    }
}
