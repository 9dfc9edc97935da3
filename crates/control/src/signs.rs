//! Signs of life, in memory: they cost no write, and are lost with the process, which is no harm because silence counts
//! only while we listened.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use windlass_lifecycle::{RunnerId, TaskId, Timestamp};

/// What is known of a runner's presence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunnerSign {
    /// When it called last.
    pub last_call: Timestamp,
    /// Calls of it that wait for work right now.
    pub parked: usize,
}

#[derive(Debug, Default)]
struct Heard {
    runners: HashMap<RunnerId, RunnerSign>,
    tasks: HashMap<TaskId, Timestamp>,
}

/// Who was heard of, and when. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Signs {
    heard: Arc<Mutex<Heard>>,
}

impl Signs {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A runner called.
    pub fn runner_called(&self, runner: RunnerId, now: Timestamp) {
        self.heard().runners.entry(runner).or_default().last_call = now;
    }

    /// A call named a task.
    pub fn task_named(&self, task: TaskId, now: Timestamp) {
        self.heard().tasks.insert(task, now);
    }

    /// A runner waits for work until the answer is dropped.
    pub fn waits_for_work(&self, runner: RunnerId, now: Timestamp) -> Parked {
        let mut heard = self.heard();
        let sign = heard.runners.entry(runner).or_default();
        sign.last_call = now;
        sign.parked += 1;
        Parked { signs: self.clone(), runner }
    }

    /// What is known of a runner, if it has called since the start.
    pub fn of_runner(&self, runner: RunnerId) -> Option<RunnerSign> {
        self.heard().runners.get(&runner).copied()
    }

    /// When a task was named last; the epoch if never since the start.
    pub fn of_task(&self, task: TaskId) -> Timestamp {
        self.heard().tasks.get(&task).copied().unwrap_or_default()
    }

    /// Forgets tasks that have ended.
    pub fn keep_tasks(&self, live: &[TaskId]) {
        self.heard().tasks.retain(|task, _| live.contains(task));
    }
}

/// A call that waits for work.
#[derive(Debug)]
pub struct Parked {
    signs: Signs,
    runner: RunnerId,
}

impl Drop for Parked {
    fn drop(&mut self) {
        if let Some(sign) = self.signs.heard().runners.get_mut(&self.runner) {
            sign.parked = sign.parked.saturating_sub(1);
        }
    }
}
