//! Wake-ups without content: losing one costs seconds, never truth.

use tokio::{sync::broadcast, time::Instant};
use windlass_lifecycle::{RunId, TaskId};

/// What a bell is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A job became ready.
    ReadyJobs,
    /// A run was added or ended.
    Runs,
    /// Something of a run changed.
    Run(RunId),
    /// Something of a task changed.
    Task(TaskId),
    /// A stream has new rows or was sealed.
    Log(TaskId),
}

/// The bells of one process. Ringing costs one slot of a ring buffer, whatever the number of listeners.
#[derive(Clone, Debug)]
pub struct Bells {
    sender: broadcast::Sender<Topic>,
}

impl Default for Bells {
    fn default() -> Self {
        Self { sender: broadcast::channel(1024).0 }
    }
}

impl Bells {
    /// Rings.
    pub fn ring(&self, topic: Topic) {
        // No listener is no error.
        let _ = self.sender.send(topic);
    }

    /// Hears every ring from now on.
    pub fn listen(&self) -> Listener {
        Listener { receiver: self.sender.subscribe() }
    }
}

/// Hears bells from the moment it was made.
#[derive(Debug)]
pub struct Listener {
    receiver: broadcast::Receiver<Topic>,
}

impl Listener {
    /// Sleeps until one of the topics rings or the time has come. A listener that missed rings counts as woken.
    pub async fn hear(&mut self, topics: &[Topic], until: Instant) {
        loop {
            match tokio::time::timeout_at(until, self.receiver.recv()).await {
                Ok(Ok(topic)) if !topics.contains(&topic) => {}
                _ => return,
            }
        }
    }
}
