//! A runner's life: declare, fetch, run, until it is asked to end.

use std::{path::PathBuf, sync::Arc, time::Duration};

use connectrpc::ErrorCode;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    client::{Client, Credentials},
    guard, job,
    step::wait_for_stop,
    workspace::Source,
};

/// Waits between tries while the server does not answer.
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// What a runner is and where it works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name for people.
    pub name: String,
    /// Labels it offers.
    pub labels: Vec<String>,
    /// Jobs at a time.
    pub capacity: usize,
    /// Where jobs have their folders.
    pub work: PathBuf,
    /// Where tools are kept from job to job.
    pub tool_cache: PathBuf,
    /// Where the files of the run's own repository come from.
    pub source: Source,
    /// Program and arguments that start the guard.
    pub guard: Vec<String>,
    /// By which processes of this runner are known: nobody else's are touched.
    pub id: String,
    /// Whether an earlier process had the same id: what it left behind is ended first.
    pub returning: bool,
}

impl Settings {
    /// What stands in the environment of every process of this runner, followed by the task.
    pub(crate) fn mark(&self) -> String {
        format!("RUNNER_TRACKING_ID=windlass_{}_", self.id)
    }
}

/// One runner at one server.
pub struct Session {
    client: Client,
    settings: Arc<Settings>,
}

impl Session {
    /// A session that has not begun.
    pub fn new(server: &str, credentials: &Credentials, settings: Settings) -> Result<Self, String> {
        let client = Client::new(server, credentials).map_err(|error| error.to_string())?;
        Ok(Self { client, settings: Arc::new(settings) })
    }

    /// Runs until `shutdown` becomes true; then running jobs are cancelled, reported and waited for. An error is a
    /// reason why this runner can do nothing here.
    pub async fn run(self, shutdown: watch::Receiver<bool>) -> Result<(), String> {
        if self.settings.returning {
            let mark = self.settings.mark();
            let orphans = tokio::task::spawn_blocking(move || guard::kill_marked(&mark)).await.unwrap_or(0);
            if orphans > 0 {
                tracing::warn!(
                    orphans,
                    "processes of jobs that an earlier process of this runner had begun were ended"
                );
            }
        }
        let details = self.declare(&shutdown).await?;
        tracing::debug!(details, "declared");
        let mut loops = JoinSet::new();
        for _ in 0..self.settings.capacity.max(1) {
            let (client, settings) = (self.client.clone(), Arc::clone(&self.settings));
            loops.spawn(fetch_and_run(client, settings, details, shutdown.clone()));
        }
        while let Some(ended) = loops.join_next().await {
            ended.map_err(|error| error.to_string())??;
        }
        Ok(())
    }

    async fn declare(&self, shutdown: &watch::Receiver<bool>) -> Result<bool, String> {
        let mut wait = FIRST_RETRY;
        loop {
            match self.client.declare(&self.settings.labels).await {
                Ok(details) => return Ok(details),
                Err(error) if error.code == ErrorCode::Unauthenticated => return Err(unregistered()),
                Err(error) if *shutdown.borrow() => return Err(error.to_string()),
                Err(error) => tracing::warn!(%error, "the server does not take our declaration yet"),
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LAST_RETRY);
        }
    }
}

fn unregistered() -> String {
    "the server does not know this runner any more: register it again".to_owned()
}

/// One slot: fetches with one request key until that fetch was answered, so that a lost answer loses no task.
async fn fetch_and_run(
    client: Client,
    settings: Arc<Settings>,
    details: bool,
    mut shutdown: watch::Receiver<bool>,
) -> Result<(), String> {
    let mut wait = FIRST_RETRY;
    let mut key = uuid::Uuid::new_v4().to_string();
    loop {
        let fetched = tokio::select! {
            fetched = client.fetch(&key) => fetched,
            () = wait_for_stop(&mut shutdown) => return Ok(()),
        };
        match fetched {
            Ok(task) => {
                key = uuid::Uuid::new_v4().to_string();
                wait = FIRST_RETRY;
                if let Some(task) = task {
                    tracing::debug!(task = task.id, "fetched");
                    job::run(client.clone(), task, Arc::clone(&settings), details, shutdown.clone()).await;
                }
            }
            Err(error) if error.code == ErrorCode::Unauthenticated => return Err(unregistered()),
            Err(error) => {
                if error.code != ErrorCode::DeadlineExceeded {
                    tracing::warn!(%error, "a fetch failed and is tried again");
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LAST_RETRY);
            }
        }
    }
}
