//! What is kept true whatever dies: each takes no input, may run at any time, and may run twice.

mod expired_leases;
mod unsealed_logs;

pub use expired_leases::{ExpiredLeases, Given};
pub use unsealed_logs::{GRACE, seal_ended_logs};
