//! The little that the statements need of a database.

use std::future::Future;

use windlass_control::{Error, Result, Topic};

/// A value on its way to or from a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Val {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<i64> for Val {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Val {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<&str> for Val {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Val {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Val {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<T: Into<Val>> From<Option<T>> for Val {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The columns of one row, taken from left to right: a record's column list and its reader stand side by side.
pub(crate) struct Columns(std::vec::IntoIter<Val>);

impl Columns {
    pub(crate) fn new(values: Vec<Val>) -> Self {
        Self(values.into_iter())
    }

    pub(crate) fn int(&mut self) -> Result<i64> {
        self.opt_int()?.ok_or_else(|| corrupt("a number is missing"))
    }

    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>> {
        match self.0.next() {
            Some(Val::Int(value)) => Ok(Some(value)),
            Some(Val::Null) => Ok(None),
            _ => Err(corrupt("a number is something else")),
        }
    }

    pub(crate) fn flag(&mut self) -> Result<bool> {
        Ok(self.int()? != 0)
    }

    pub(crate) fn text(&mut self) -> Result<String> {
        self.opt_text()?.ok_or_else(|| corrupt("a text is missing"))
    }

    pub(crate) fn opt_text(&mut self) -> Result<Option<String>> {
        match self.0.next() {
            Some(Val::Text(value)) => Ok(Some(value)),
            Some(Val::Null) => Ok(None),
            _ => Err(corrupt("a text is something else")),
        }
    }

    pub(crate) fn blob(&mut self) -> Result<Vec<u8>> {
        match self.0.next() {
            Some(Val::Blob(value)) => Ok(value),
            _ => Err(corrupt("a blob is missing")),
        }
    }
}

pub(crate) fn corrupt(what: impl Into<String>) -> Error {
    Error::Corrupt(what.into())
}

/// How a database spells what the two spell differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Statements are PostgreSQL's; SQLite, which is serial by nature, has no row locks and writes `?1` for `$1`.
    pub(crate) fn spell(self, sql: &str) -> String {
        match self {
            Self::Postgres => sql.to_owned(),
            Self::Sqlite => sql.replace(" FOR UPDATE SKIP LOCKED", "").replace(" FOR UPDATE", "").replace('$', "?"),
        }
    }
}

/// Runs statements within one transaction.
pub(crate) trait Engine: Send {
    /// Which database it is.
    const DIALECT: Dialect;

    fn query(&mut self, sql: &'static str, values: Vec<Val>) -> impl Future<Output = Result<Vec<Columns>>> + Send;
    fn execute(&mut self, sql: &'static str, values: Vec<Val>) -> impl Future<Output = Result<u64>> + Send;
}

/// A transaction: an engine and the bells to ring once it is committed.
pub(crate) struct Db<E> {
    pub(crate) engine: E,
    pub(crate) rings: Vec<Topic>,
}

impl<E: Engine> Db<E> {
    pub(crate) fn new(engine: E) -> Self {
        Self { engine, rings: Vec::new() }
    }

    /// The rows of a query, each read by `read`.
    pub(crate) async fn all<R>(
        &mut self,
        sql: &'static str,
        values: Vec<Val>,
        read: fn(&mut Columns) -> Result<R>,
    ) -> Result<Vec<R>> {
        self.engine.query(sql, values).await?.iter_mut().map(read).collect()
    }

    /// The rows of a query that can be read: of a list, one corrupt row stops itself and nothing else.
    pub(crate) async fn readable<R>(
        &mut self,
        sql: &'static str,
        values: Vec<Val>,
        read: fn(&mut Columns) -> Result<R>,
    ) -> Result<Vec<R>> {
        let rows = self.engine.query(sql, values).await?;
        let readable =
            |mut row: Columns| read(&mut row).inspect_err(|error| tracing::error!(%error, "it is left out")).ok();
        Ok(rows.into_iter().filter_map(readable).collect())
    }

    /// The first row of a query, if there is one.
    pub(crate) async fn first<R>(
        &mut self,
        sql: &'static str,
        values: Vec<Val>,
        read: fn(&mut Columns) -> Result<R>,
    ) -> Result<Option<R>> {
        self.engine.query(sql, values).await?.first_mut().map(read).transpose()
    }

    /// A write that must find the row as the decision saw it.
    pub(crate) async fn guarded(&mut self, sql: &'static str, values: Vec<Val>) -> Result<()> {
        match self.engine.execute(sql, values).await? {
            0 => Err(Error::Stale),
            _ => Ok(()),
        }
    }

    /// A write.
    pub(crate) async fn execute(&mut self, sql: &'static str, values: Vec<Val>) -> Result<()> {
        self.engine.execute(sql, values).await.map(|_| ())
    }
}
