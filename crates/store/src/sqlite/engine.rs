//! One connection as an engine: its futures are always ready.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use rusqlite::{Connection, types::ValueRef};
use windlass_control::{Error, Result};

use crate::engine::{Columns, Dialect, Engine, Val};

/// The result of a future that never waits: everything it awaits is a statement on this thread.
pub(crate) fn now<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err(Error::Store("an operation waited for something else than its transaction".into())),
    }
}

/// A connection within a transaction.
pub(crate) struct SqliteEngine<'c> {
    pub(crate) connection: &'c mut Connection,
}

impl SqliteEngine<'_> {
    fn rows(&mut self, sql: &str, values: Vec<Val>) -> rusqlite::Result<Vec<Columns>> {
        let mut statement = self.connection.prepare_cached(&Self::DIALECT.spell(sql))?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(values.into_iter().map(to_sqlite)))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let values: rusqlite::Result<Vec<Val>> = (0..columns).map(|at| row.get_ref(at).map(from_sqlite)).collect();
            out.push(Columns::new(values?));
        }
        Ok(out)
    }
}

impl Engine for SqliteEngine<'_> {
    const DIALECT: Dialect = Dialect::Sqlite;

    async fn query(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Columns>> {
        self.rows(sql, values).map_err(|error| failed(&error))
    }

    async fn execute(&mut self, sql: &'static str, values: Vec<Val>) -> Result<u64> {
        let mut statement =
            self.connection.prepare_cached(&Self::DIALECT.spell(sql)).map_err(|error| failed(&error))?;
        let changed = statement
            .execute(rusqlite::params_from_iter(values.into_iter().map(to_sqlite)))
            .map_err(|error| failed(&error))?;
        Ok(changed as u64)
    }
}

pub(crate) fn failed(error: &rusqlite::Error) -> Error {
    Error::Store(error.to_string())
}

fn to_sqlite(value: Val) -> rusqlite::types::Value {
    match value {
        Val::Null => rusqlite::types::Value::Null,
        Val::Int(value) => rusqlite::types::Value::Integer(value),
        Val::Text(value) => rusqlite::types::Value::Text(value),
        Val::Blob(value) => rusqlite::types::Value::Blob(value),
    }
}

fn from_sqlite(value: ValueRef<'_>) -> Val {
    match value {
        ValueRef::Integer(value) => Val::Int(value),
        ValueRef::Text(value) => Val::Text(String::from_utf8_lossy(value).into_owned()),
        ValueRef::Blob(value) => Val::Blob(value.to_vec()),
        ValueRef::Null | ValueRef::Real(_) => Val::Null,
    }
}
