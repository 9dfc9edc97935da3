//! Control plane, store, server and one runner in one process: what `up` and `run` are made of.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use windlass_control::{
    Bells, Core, Keys, SystemClock,
    forge::SharedForge,
    reconcilers::{EVERY, SELDOM, reconcile},
    use_cases::{AuthenticateRunner, IssueRegistrationToken},
};
use windlass_runner::{Credentials, Session, Source};
use windlass_store::{Durability, SqliteStore};
use windlass_web::{Access, Site};

use crate::{
    commands::guard_command,
    room, server,
    state_folder::{RunnerIdentity, StateFolder},
};

/// What to start.
pub(crate) struct Plan {
    pub(crate) state: StateFolder,
    /// Bytes that stay free on the disk of the state folder.
    pub(crate) keep_free: u64,
    pub(crate) durability: Durability,
    /// `None`: any free port.
    pub(crate) port: Option<u16>,
    pub(crate) secret: String,
    pub(crate) runner_name: String,
    pub(crate) labels: Vec<String>,
    pub(crate) capacity: usize,
    pub(crate) work: PathBuf,
    pub(crate) source: Source,
    /// Where workflows come from that people start by hand.
    pub(crate) forge: SharedForge,
}

/// What runs.
pub(crate) struct Local {
    pub(crate) core: Core<SqliteStore>,
    pub(crate) address: SocketAddr,
    shutdown: watch::Sender<bool>,
    /// Ends after the runner: its last reports need the server.
    serving: watch::Sender<bool>,
    server: JoinHandle<()>,
    runner: JoinHandle<Result<(), String>>,
    sweeper: JoinHandle<()>,
    watcher: JoinHandle<()>,
}

impl Local {
    /// Starts everything. The error is a sentence with the place and the remedy.
    pub(crate) async fn start(plan: Plan) -> Result<Self, String> {
        let bells = Bells::default();
        let store = SqliteStore::open(plan.state.path(), plan.durability, bells.clone())?;
        let core = Core::new(store, bells, Keys::new(&plan.state.key()?), Arc::new(SystemClock));
        core.continue_ids().await.map_err(|error| error.to_string())?;
        tracing::debug!("the store is open");
        let (listener, address) = bind(plan.port).await?;
        let base = format!("http://{address}");
        let access = Access::new(&plan.secret, address.port());
        let settings =
            windlass_protocol_actions::Settings { server_url: base.clone(), default_actions_url: base.clone() };
        let routes = windlass_protocol_actions::routes(core.clone(), settings)
            .merge(windlass_web::routes(Site { core: core.clone(), forge: plan.forge.clone() }, access.clone()));
        let routes = windlass_web::only_own_host(routes, access);
        let (shutdown, ending) = watch::channel(false);
        let (serving, no_longer) = watch::channel(false);
        let server = tokio::spawn(server::serve(listener, routes, no_longer));
        let sweeper = tokio::spawn(sweep(core.clone()));
        let watcher = tokio::spawn(room::watch(core.clone(), plan.state.path().to_owned(), plan.keep_free));
        let returning = plan.state.runner().is_some();
        let credentials = credentials(&core, &plan, &base).await?;
        let settings = windlass_runner::Settings {
            id: credentials.uuid.clone(),
            returning,
            name: plan.runner_name,
            labels: plan.labels,
            capacity: plan.capacity,
            tool_cache: plan.work.join("_tools"),
            work: plan.work,
            source: plan.source,
            guard: guard_command(),
        };
        tracing::debug!("the runner has its credentials");
        let session = Session::new(&base, &credentials, settings)?;
        let runner = tokio::spawn(session.run(ending));
        Ok(Self { core, address, shutdown, serving, server, runner, sweeper, watcher })
    }

    /// Returns only if the built-in runner ends before it was asked to, with the reason: without it nothing would run.
    pub(crate) async fn trouble(&mut self) -> String {
        let reason = match (&mut self.runner).await {
            Ok(Ok(())) => "it was asked to".to_owned(),
            Ok(Err(reason)) => reason,
            Err(error) => error.to_string(),
        };
        format!("the built-in runner has ended: {reason}")
    }

    /// Cancels what runs, waits until its end is reported and stored, and stops.
    pub(crate) async fn stop(self) -> Result<(), String> {
        self.shutdown.send_replace(true);
        let ended = self.runner.await.map_err(|error| error.to_string())?;
        tracing::debug!("the runner has stopped");
        self.sweeper.abort();
        self.watcher.abort();
        self.serving.send_replace(true);
        self.server.await.map_err(|error| error.to_string())?;
        tracing::debug!("the server has stopped");
        ended
    }
}

async fn bind(port: Option<u16>) -> Result<(TcpListener, SocketAddr), String> {
    let wanted = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
    let listener = TcpListener::bind(wanted).await.map_err(|error| {
        format!(
            "port {} on 127.0.0.1 cannot be used ({error}): choose another with --port, or leave --port out",
            wanted.port()
        )
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok((listener, address))
}

/// The built-in runner is the same one from start to start, so that its lost tasks are found at once.
async fn credentials(core: &Core<SqliteStore>, plan: &Plan, base: &str) -> Result<Credentials, String> {
    if let Some(RunnerIdentity { uuid, token }) = plan.state.runner() {
        let known = AuthenticateRunner { uuid: uuid.clone(), token: token.clone() };
        if core.read(known).await.map_err(|error| error.to_string())?.is_some() {
            return Ok(Credentials { uuid, token });
        }
        tracing::warn!("the store does not know the built-in runner any more: it registers anew");
    }
    let registration = Keys::random_hex(20);
    let issue = IssueRegistrationToken { token: registration.clone(), now: core.now() };
    core.run(issue).await.map_err(|error| error.to_string())?;
    let credentials = windlass_runner::register(base, &registration, &plan.runner_name, &plan.labels)
        .await
        .map_err(|error| format!("the built-in runner could not register: {error}"))?;
    let identity = RunnerIdentity { uuid: credentials.uuid.clone(), token: credentials.token.clone() };
    plan.state.set_runner(&identity)?;
    Ok(credentials)
}

/// Keeps true what is kept true, for ever.
async fn sweep(core: Core<SqliteStore>) {
    let seldom = SELDOM.as_secs() / EVERY.as_secs();
    for turn in 0_u64.. {
        let before = core.now();
        tokio::time::sleep(EVERY).await;
        // A machine that slept, or whose clock was set, heard nobody meanwhile.
        if core.now().since(before) > 2 * EVERY || core.now() < before {
            core.was_deaf();
        }
        reconcile(&core, turn % seldom == 0).await;
    }
}
