//! A runner hands over rows.

use windlass_joblog::{Masks, Row};
use windlass_lifecycle::{RunnerId, TaskId};

use crate::{
    core::Core,
    error::{Error, Result},
    ports::{LogState, Operation, Store, Tx},
    records::TaskRecord,
};

/// Bytes of one offered row: foreign runners do not cut long lines, and one offered row is one stored row.
const MAX_OFFERED_ROW: usize = 4 * 1024 * 1024;

#[derive(Clone, Debug)]
struct FindTask(TaskId);

impl Operation for FindTask {
    type Answer = TaskRecord;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<TaskRecord> {
        tx.find_task(self.0).await
    }
}

/// Masks the task's credentials in the rows and stores what is new of them; durable when it returns. Also accepted
/// after the task's end, until the stream is sealed. Cost: one read, one pass over the rows, one compressed write.
pub async fn append_log<S: Store>(
    core: &Core<S>,
    runner: RunnerId,
    task: TaskId,
    index: u64,
    rows: Vec<Row>,
    seal: bool,
) -> Result<LogState> {
    let record = core.read(FindTask(task)).await?;
    if record.runner != runner {
        return Err(Error::Forbidden("invalid runner for task".into()));
    }
    let tokens = (1..=record.generation).map(|generation| core.keys.task_token(task, generation));
    let masks = Masks::of(tokens);
    if rows.iter().any(|row| row.text.len() > MAX_OFFERED_ROW) {
        return Err(Error::Invalid(format!("a log row has more than {MAX_OFFERED_ROW} bytes: send it in pieces")));
    }
    let rows = rows.into_iter().map(|row| Row { text: masks.apply(&row.text), ..row }).collect();
    core.store.append(task, index, rows, seal).await
}
