//! The control plane: what people, forges and runners may ask, decided and kept.
//!
//! A use case is an [`Operation`]: it reads, decides and writes in one transaction of a [`Store`], and can be
//! run again from the start. Queries are operations that only read; reconcilers are operations that take no
//! input and keep something true. Knows nothing of SQL, HTTP or any wire.

mod advance;
mod bells;
mod core;
mod credentials;
mod error;
pub mod forge;
mod groups;
mod health;
mod ports;
pub mod queries;
pub mod reconcilers;
mod records;
mod signs;
pub mod use_cases;
mod wait;

pub use bells::{Bells, Listener, Topic};
pub use core::{Clock, Core, IDS_PER_EVENT, IdRange, SystemClock};
pub use credentials::Keys;
pub use error::{Error, Result};
pub use health::{Health, KeptTrue};
pub use ports::{
    JobRows, LogState, Logs, Operation, RepositoryRows, RunFacet, RunFilter, RunRows, RunnerRows, Store, TaskRows, Tx,
};
pub use records::{
    Annotation, EarlierAttempt, JobRecord, LegPlan, OutputRecord, RepositoryRecord, RunRecord, RunnerRecord, StepPlan,
    StepRecord, TaskRecord,
};
pub use signs::{RunnerSign, Signs};
pub use wait::wait_until;
pub use windlass_workflow::{
    Concurrency,
    dispatch::{Input, InputKind},
};
