//! What is kept true whatever dies: each takes no input, may run at any time, and may run twice.

mod expired_leases;

pub use expired_leases::{ExpiredLeases, Given};
