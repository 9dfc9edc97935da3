//! The shell around the decisions: a store, bells, a clock, ids and keys.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use windlass_lifecycle::Timestamp;

use crate::{
    bells::Bells,
    credentials::Keys,
    error::Result,
    health::Health,
    ports::{Operation, Store, Tx},
    signs::Signs,
};

/// Where the time comes from.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Ids that one event, or one thing that a person asks for, may need: runs, jobs and legs.
pub const IDS_PER_EVENT: i64 = 65_536;

/// Ids that nobody else has, to be given out within one operation.
#[derive(Clone, Copy, Debug)]
pub struct IdRange {
    next: i64,
    end: i64,
}

impl IdRange {
    /// The next id, while there are any.
    pub fn take(&mut self) -> Result<i64> {
        if self.next >= self.end {
            return Err(crate::Error::Invalid("one event makes too many jobs at once".into()));
        }
        self.next += 1;
        Ok(self.next - 1)
    }
}

/// Everything that a use case needs around it. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Core<S> {
    /// Runs operations.
    pub store: S,
    /// Rings after commits.
    pub bells: Bells,
    /// The installation's secrets.
    pub keys: Keys,
    /// Signs of life of runners.
    pub signs: Signs,
    /// How the process itself is.
    pub health: Health,
    listening: Arc<AtomicI64>,
    clock: Arc<dyn Clock>,
    last_id: Arc<AtomicI64>,
}

/// 2026-01-01T00:00:00Z: ids count from here, so that they stay below 2^53 until 2095.
const EPOCH: i64 = 1_767_225_600_000;

impl<S: Store> Core<S> {
    /// A control plane over a store whose writes ring these bells.
    pub fn new(store: S, bells: Bells, keys: Keys, clock: Arc<dyn Clock>) -> Self {
        let listening = Arc::new(AtomicI64::new(clock.now().0));
        let (signs, health) = (Signs::default(), Health::default());
        Self { store, bells, keys, signs, health, listening, clock, last_id: Arc::new(AtomicI64::new(0)) }
    }

    /// From when on silence counts.
    pub fn listening(&self) -> Timestamp {
        Timestamp(self.listening.load(Ordering::SeqCst))
    }

    /// Says that nobody could be heard until now: after a pause of the machine or of the store.
    pub fn was_deaf(&self) {
        self.listening.store(self.now().0, Ordering::SeqCst);
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Reserves ids: they rise with time.
    pub fn ids(&self, count: i64) -> IdRange {
        let wanted = (self.now().0 - EPOCH).max(1) << 12;
        let next = |last: i64| (last + 1).max(wanted);
        let reserve = |last| Some(next(last) + count);
        let last = self.last_id.fetch_update(Ordering::SeqCst, Ordering::SeqCst, reserve).unwrap_or_else(|last| last);
        IdRange { next: next(last), end: next(last) + count }
    }

    /// Lets ids begin behind every one that is stored: an earlier process may have reserved beyond the clock.
    pub async fn continue_ids(&self) -> Result<()> {
        let highest = self.read(HighestId).await?;
        self.last_id.fetch_max(highest, Ordering::SeqCst);
        Ok(())
    }

    /// Runs an operation.
    pub async fn run<O: Operation>(&self, operation: O) -> Result<O::Answer> {
        self.store.run(operation).await
    }

    /// Runs an operation that only reads.
    pub async fn read<O: Operation>(&self, operation: O) -> Result<O::Answer> {
        self.store.read(operation).await
    }
}

#[derive(Clone, Copy, Debug)]
struct HighestId;

impl Operation for HighestId {
    type Answer = i64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<i64> {
        tx.highest_id().await
    }
}
