//! A plain git folder as a forge: an update of a ref is a push.

mod facts;
mod git;
mod updates;
mod watch;

pub use facts::{LocalEvent, local_event, workflow_files_in};
pub use git::{GitError, Repository};
pub use updates::{MAX_AT_ONCE, Update, updates};
pub use watch::{Announcement, watch};
