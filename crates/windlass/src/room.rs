//! Is there room to store what jobs bring? Without it nothing is handed out; what runs goes on, and its rows wait with their
//! runners until there is room again.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use windlass_control::{Core, Store, Topic};

/// How often the disk is asked.
const EVERY: Duration = Duration::from_secs(1);

/// Watches the disk of a folder for ever. Cost: one system call a second.
pub(crate) async fn watch<S: Store>(core: Core<S>, folder: PathBuf, needed: u64) {
    loop {
        let reason = lacking(&folder, needed);
        if reason.is_some() {
            // Nobody's sign of life could be stored: silence does not count.
            core.was_deaf();
        }
        if core.health.set_full(reason.clone()) {
            if let Some(reason) = reason {
                tracing::error!(reason, "no job is handed out until there is room");
            } else {
                tracing::warn!(folder = %folder.display(), "there is room again: jobs are handed out");
                core.bells.ring(Topic::ReadyJobs);
            }
            core.bells.ring(Topic::Runs);
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// What is lacking, as a sentence with the place and the remedy.
fn lacking(folder: &Path, needed: u64) -> Option<String> {
    const MIB: u64 = 1024 * 1024;
    let place = folder.display();
    match rustix::fs::statvfs(folder) {
        Ok(stat) => {
            let left = stat.f_bavail.saturating_mul(stat.f_frsize);
            (left < needed).then(|| {
                let (left, needed) = (left / MIB, needed / MIB);
                format!("the disk of {place} has {left} MiB left and {needed} are kept free: make room there")
            })
        }
        Err(error) => Some(format!("the disk of {place} does not answer ({error})")),
    }
}
