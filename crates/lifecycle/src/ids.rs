//! Names of rows. Numbers below 2^53, so that JSON and every wire carry them.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A run.
    RunId
);
id!(
    /// A job.
    JobId
);
id!(
    /// A task; on wires without a fence this number is the fence.
    TaskId
);
id!(
    /// A runner.
    RunnerId
);
