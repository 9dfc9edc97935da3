//! Keeps true: a job whose needs have ended is not blocked, a concurrency group in which somebody waits is taken, a run
//! whose jobs have ended has ended. Every use case sees to that itself; this is for what a bug or a repaired database
//! left behind.

use std::collections::BTreeSet;

use windlass_lifecycle::{RunId, Timestamp};

use crate::{
    advance::{Todo, settle},
    core::{Core, IDS_PER_EVENT, IdRange},
    error::Result,
    ports::{Operation, Store, Tx},
};

#[derive(Clone, Debug)]
struct Waiting;

impl Operation for Waiting {
    type Answer = Vec<Todo>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Vec<Todo>> {
        let runs = tx.open_runs().await?.into_iter().map(Todo::Run);
        let groups = tx.waiting_groups().await?.into_iter().map(|(repository, name)| Todo::Group(repository, name));
        Ok(runs.chain(groups).collect())
    }
}

/// Moves one thing on and says whether anything of the runs concerned is different now.
#[derive(Clone, Debug)]
struct Move {
    one: Todo,
    ids: IdRange,
    now: Timestamp,
}

impl Operation for Move {
    type Answer = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<bool> {
        let runs: Vec<RunId> = match &self.one {
            Todo::Run(run) => vec![*run],
            Todo::Group(repository, name) => {
                let jobs = tx.jobs_in_group(*repository, name).await?;
                let runs = tx.runs_in_group(*repository, name).await?;
                runs.into_iter().map(|run| run.id).chain(jobs.into_iter().map(|job| job.run)).collect()
            }
        };
        let before = states(tx, &runs).await?;
        let mut ids = self.ids;
        settle(tx, BTreeSet::from([self.one.clone()]), &mut ids, self.now).await?;
        Ok(states(tx, &runs).await? != before)
    }
}

async fn states<T: Tx>(tx: &mut T, runs: &[RunId]) -> Result<Vec<String>> {
    let mut states = Vec::new();
    for run in runs {
        states.push(format!("{:?}", tx.lock_run(*run).await?.state));
        states.extend(tx.jobs_of(*run).await?.iter().map(|job| format!("{:?}", job.state)));
    }
    Ok(states)
}

/// Moves on every run and group that waits, and says how many did move. One that cannot be read stops itself only.
/// Cost: one transaction for each run that has not ended.
pub async fn move_runs<S: Store>(core: &Core<S>) -> Result<usize> {
    let mut moved = 0;
    let mut trouble = None;
    for one in core.read(Waiting).await? {
        match core.run(Move { one, ids: core.ids(IDS_PER_EVENT), now: core.now() }).await {
            Ok(different) => moved += usize::from(different),
            Err(error) => trouble = Some(error),
        }
    }
    trouble.map_or(Ok(moved), Err)
}
