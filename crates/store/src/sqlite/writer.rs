//! The writer thread: what is queued is one batch, one batch is one commit, answers come after it.

use std::sync::mpsc;

use rusqlite::Connection;
use tokio::sync::oneshot;
use windlass_control::{Bells, Error, Result, Topic};

use super::engine::{SqliteEngine, failed};

/// Operations that share one commit.
const MAX_BATCH: usize = 256;

/// What is left of an operation once it has run: to be told how the commit went, and the bells to ring.
struct Done {
    answer: Box<dyn FnOnce(Option<Error>) + Send>,
    rings: Vec<Topic>,
}

/// Runs within a transaction; without one it only gives back whom to answer.
type Work = Box<dyn FnOnce(Option<&mut Connection>) -> Done + Send>;

/// Sends operations to the thread that owns the connection. The thread ends with the last sender.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    work: mpsc::Sender<Work>,
}

impl Writer {
    pub(crate) fn start(mut connection: Connection, bells: Bells) -> Self {
        let (sender, receiver) = mpsc::channel::<Work>();
        std::thread::spawn(move || {
            while let Ok(first) = receiver.recv() {
                let rest = std::iter::from_fn(|| receiver.try_recv().ok()).take(MAX_BATCH - 1);
                commit_together(&mut connection, std::iter::once(first).chain(rest).collect(), &bells);
            }
        });
        Self { work: sender }
    }

    /// Runs an operation within a savepoint of the next commit; durable when it returns.
    /// Cost: one hop to the thread and back, and a share of one commit.
    pub(crate) async fn run<A: Send + 'static>(
        &self,
        operation: impl FnOnce(SqliteEngine<'_>) -> (Result<A>, Vec<Topic>) + Send + 'static,
    ) -> Result<A> {
        let (sender, receiver) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            let (answer, rings) = match connection {
                Some(connection) => in_savepoint(connection, operation),
                None => (Err(Error::Stale), Vec::new()),
            };
            let kept = answer.is_ok();
            let tell = move |refused: Option<Error>| {
                // The caller may be gone; its operation is done all the same.
                let _ = sender.send(refused.map_or(answer, Err));
            };
            Done { answer: Box::new(tell), rings: if kept { rings } else { Vec::new() } }
        });
        let gone = || Error::Store("the writer has stopped".into());
        self.work.send(work).map_err(|_| gone())?;
        receiver.await.map_err(|_| gone())?
    }
}

fn in_savepoint<A>(
    connection: &mut Connection,
    operation: impl FnOnce(SqliteEngine<'_>) -> (Result<A>, Vec<Topic>),
) -> (Result<A>, Vec<Topic>) {
    if let Err(error) = connection.execute_batch("SAVEPOINT operation") {
        return (Err(failed(&error)), Vec::new());
    }
    let (answer, rings) = operation(SqliteEngine { connection });
    let end = if answer.is_ok() { "RELEASE operation" } else { "ROLLBACK TO operation; RELEASE operation" };
    match connection.execute_batch(end) {
        Ok(()) => (answer, rings),
        Err(error) => (Err(failed(&error)), Vec::new()),
    }
}

fn commit_together(connection: &mut Connection, batch: Vec<Work>, bells: &Bells) {
    // Without a transaction around them the savepoints would commit one by one; they must not run then.
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        for work in batch {
            (work(None).answer)(Some(failed(&error)));
        }
        return;
    }
    let done: Vec<Done> = batch.into_iter().map(|work| work(Some(connection))).collect();
    let refused = connection.execute_batch("COMMIT").err().map(|error| {
        let _ = connection.execute_batch("ROLLBACK");
        failed(&error)
    });
    for Done { answer, rings } in done {
        if refused.is_none() {
            rings.into_iter().for_each(|topic| bells.ring(topic));
        }
        answer(refused.clone());
    }
}
