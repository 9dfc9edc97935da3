//! The table of each machine as a snapshot, and the properties that every table must have.

mod properties;
mod tables;
