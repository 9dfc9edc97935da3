//! Subscribe, then look, then wait: the one way to wait for anything.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

use crate::{
    bells::{Bells, Topic},
    error::Result,
};

/// Bells may be lost: look again after this long in any case.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Looks until there is an answer, at each ring of the topics and every few seconds; `None` at the deadline.
pub async fn wait_until<T, F, L>(bells: &Bells, topics: &[Topic], deadline: Instant, mut look: L) -> Result<Option<T>>
where
    F: Future<Output = Result<Option<T>>>,
    L: FnMut() -> F,
{
    let mut listener = bells.listen();
    loop {
        if let Some(answer) = look().await? {
            return Ok(Some(answer));
        }
        let now = Instant::now();
        if now >= deadline {
            return Ok(None);
        }
        listener.hear(topics, deadline.min(now + LOOK_AGAIN)).await;
    }
}
