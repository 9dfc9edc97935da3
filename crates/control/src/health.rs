//! How the process itself is: what the reconcilers did, and whether there is room to store anything.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use windlass_lifecycle::Timestamp;

/// One thing that is kept true, and how that went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptTrue {
    /// The reconciler's name.
    pub name: &'static str,
    /// What it keeps true, as a sentence.
    pub truth: &'static str,
    /// When it looked last.
    pub looked: Timestamp,
    /// How long that took.
    pub took: Duration,
    /// How often it had to set something right since the start.
    pub righted: u64,
    /// What went wrong the last time, if something did.
    pub error: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    kept: Vec<KeptTrue>,
    full: Option<String>,
}

/// Shared by everything in the process. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Health {
    state: Arc<Mutex<State>>,
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept true, in the order in which it was first looked at.
    pub fn kept(&self) -> Vec<KeptTrue> {
        self.state().kept.clone()
    }

    /// Notes that a reconciler has looked.
    pub(crate) fn looked(&self, latest: KeptTrue) {
        let mut state = self.state();
        match state.kept.iter_mut().find(|known| known.name == latest.name) {
            Some(known) => *known = KeptTrue { righted: known.righted + latest.righted, ..latest },
            None => state.kept.push(latest),
        }
    }

    /// Why nothing is handed out: there is no room for what it would bring.
    pub fn full(&self) -> Option<String> {
        self.state().full.clone()
    }

    /// Says that there is no room, and why; or that there is again. Answers whether that is news.
    pub fn set_full(&self, reason: Option<String>) -> bool {
        let mut state = self.state();
        let news = state.full.is_some() != reason.is_some();
        state.full = reason;
        news
    }
}
