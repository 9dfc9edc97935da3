//! Job output: bytes to lines, lines to commands and masked rows, rows to chunks.
//!
//! Knows nothing of processes, wires or stores: bytes and rows come in, rows and blobs go out.

mod chunk;
mod command;
mod cursor;
mod frame;
mod mark;
mod mask;
pub mod matcher;

pub use chunk::{ChunkError, MAX_CHUNK, decode, encode};
pub use command::Command;
pub use cursor::{Offer, offer};
pub use frame::{Framer, Line, MAX_ROW};
pub use mark::Mark;
pub use mask::Masks;

/// One row of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Milliseconds since the Unix epoch, by the clock of whoever made the row.
    pub time: i64,
    /// At most [`MAX_ROW`] bytes, without a line end.
    pub text: String,
}
