//! Keeps true: the log of a task that has ended is sealed soon after, also where its runner never said `no_more`; and a
//! sealed log is packed: many small chunks become few full ones.

use std::time::Duration;

use windlass_lifecycle::{TaskId, Timestamp, task};

use crate::{
    core::Core,
    error::{Error, Result},
    ports::{Operation, Store, Tx},
};

/// How long after a task's end its runner may still hand over rows.
pub const GRACE: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
struct EndOf(TaskId);

impl Operation for EndOf {
    type Answer = Option<Timestamp>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Option<Timestamp>> {
        match tx.find_task(self.0).await {
            Ok(task) => Ok(match task.state {
                task::State::Finished { at, .. } => Some(at),
                _ => None,
            }),
            // A stream without a task will get no rows either.
            Err(Error::NotFound(_)) => Ok(Some(Timestamp::default())),
            Err(error) => Err(error),
        }
    }
}

/// Seals every stream whose task ended longer than [`GRACE`] ago, packs what is sealed, and says how many streams that
/// were. Silence counts only while we listened. Cost: one read per unsealed stream, that is per live task; packing
/// rewrites a log once, in steps of 1,000 rows.
pub async fn seal_ended_logs<S: Store>(core: &Core<S>) -> Result<usize> {
    let (mut done, mut trouble) = (0, None);
    for task in core.store.unsealed().await? {
        match seal_if_ended(core, task).await {
            Ok(sealed) => done += usize::from(sealed),
            Err(error) => trouble = Some(error),
        }
    }
    for task in core.store.unpacked().await? {
        match pack(core, task).await {
            Ok(()) => done += 1,
            Err(error) => trouble = Some(error),
        }
    }
    trouble.map_or(Ok(done), Err)
}

async fn seal_if_ended<S: Store>(core: &Core<S>, task: TaskId) -> Result<bool> {
    let end = core.read(EndOf(task)).await?;
    let over = end.is_some_and(|end| end.max(core.listening()).plus(GRACE) <= core.now());
    if over {
        core.store.append(task, u64::MAX, Vec::new(), true).await?;
    }
    Ok(over)
}

async fn pack<S: Store>(core: &Core<S>, task: TaskId) -> Result<()> {
    while !core.store.pack(task).await? {}
    Ok(())
}
