//! A transaction of PostgreSQL as an engine.

use bytes::BytesMut;
use deadpool_postgres::Transaction;
use tokio_postgres::{
    Row,
    error::SqlState,
    types::{IsNull, ToSql, Type, to_sql_checked},
};
use windlass_control::{Error, Result};

use crate::engine::{Columns, Dialect, Engine, Val, corrupt};

pub(crate) struct PostgresEngine<'c> {
    pub(crate) transaction: &'c Transaction<'c>,
}

impl Engine for PostgresEngine<'_> {
    const DIALECT: Dialect = Dialect::Postgres;

    async fn query(&mut self, sql: &'static str, values: Vec<Val>) -> Result<Vec<Columns>> {
        let statement =
            self.transaction.prepare_cached(&Self::DIALECT.spell(sql)).await.map_err(|error| failed(&error))?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let rows = self.transaction.query(&statement, &values).await.map_err(|error| failed(&error))?;
        rows.iter().map(columns).collect()
    }

    async fn execute(&mut self, sql: &'static str, values: Vec<Val>) -> Result<u64> {
        let statement =
            self.transaction.prepare_cached(&Self::DIALECT.spell(sql)).await.map_err(|error| failed(&error))?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.transaction.execute(&statement, &values).await.map_err(|error| failed(&error))
    }
}

/// A race that another transaction won is stale, everything else a failure of the store.
pub(crate) fn failed(error: &tokio_postgres::Error) -> Error {
    const LOST_RACES: [&SqlState; 3] =
        [&SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::T_R_DEADLOCK_DETECTED, &SqlState::UNIQUE_VIOLATION];
    match error.code() {
        Some(code) if LOST_RACES.contains(&code) => Error::Stale,
        _ => Error::Store(said(error)),
    }
}

/// What the database said, not only that it said something.
pub(crate) fn said(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |db| format!("{}: {}", db.severity(), db.message()))
}

fn columns(row: &Row) -> Result<Columns> {
    let read = |at: usize| -> Result<Val> {
        let value = match *row.columns()[at].type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at).map(Val::from),
            Type::INT4 => row.try_get::<_, Option<i32>>(at).map(|value| value.map(i64::from).into()),
            Type::TEXT => row.try_get::<_, Option<String>>(at).map(Val::from),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at).map(Val::from),
            ref other => return Err(corrupt(format!("a column of type {other}"))),
        };
        value.map_err(|error| failed(&error))
    };
    (0..row.len()).map(read).collect::<Result<Vec<Val>>>().map(Columns::new)
}

impl ToSql for Val {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
            Self::Int(value) => value.to_sql(ty, out),
            // PostgreSQL has no NUL in texts; the place of one stays visible.
            Self::Text(value) if value.contains('\0') => value.replace('\0', "\u{fffd}").to_sql(ty, out),
            Self::Text(value) => value.to_sql(ty, out),
            Self::Blob(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
