//! Every SQL statement, one file a noun.

mod job;
mod repository;
mod run;
mod runner;
mod task;

use windlass_control::{Result, Topic, Tx};
use windlass_lifecycle::Conclusion;

use crate::engine::{Columns, Db, Engine, corrupt};

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

fn conclusion(columns: &mut Columns) -> Result<Option<Conclusion>> {
    match columns.opt_text()? {
        None => Ok(None),
        Some(word) => Conclusion::from_word(&word).map(Some).ok_or_else(|| corrupt(format!("conclusion '{word}'"))),
    }
}
