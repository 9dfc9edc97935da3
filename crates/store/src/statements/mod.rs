//! Every SQL statement, one file a noun.

mod job;
mod repository;
mod run;
mod runner;
mod task;

use windlass_control::{Concurrency, Result, Topic, Tx};
use windlass_lifecycle::Conclusion;

use crate::engine::{Columns, Db, Engine, Val, corrupt};

impl<E: Engine> Tx for Db<E> {
    fn ring(&mut self, topic: Topic) {
        if !self.rings.contains(&topic) {
            self.rings.push(topic);
        }
    }
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| corrupt(format!("a JSON column: {error}")))
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| corrupt(format!("a value has no JSON form: {error}")))
}

/// The three columns of a concurrency group: its name, and two flags that are there where it could have one.
fn group(columns: &mut Columns) -> Result<Option<Concurrency>> {
    let (name, cancels, queues) = (columns.opt_text()?, columns.opt_int()?, columns.opt_int()?);
    let flag = |value: Option<i64>| value.is_some_and(|value| value != 0);
    Ok(name.map(|group| Concurrency { group, cancel_in_progress: flag(cancels), queue_all: flag(queues) }))
}

fn group_columns(group: Option<&Concurrency>) -> [Val; 3] {
    let flag = |read: fn(&Concurrency) -> bool| group.is_some_and(read).into();
    [
        group.map(|group| group.group.as_str()).into(),
        flag(|group| group.cancel_in_progress),
        flag(|group| group.queue_all),
    ]
}

fn conclusion(columns: &mut Columns) -> Result<Option<Conclusion>> {
    match columns.opt_text()? {
        None => Ok(None),
        Some(word) => Conclusion::from_word(&word).map(Some).ok_or_else(|| corrupt(format!("conclusion '{word}'"))),
    }
}
