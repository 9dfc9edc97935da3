//! Where events come from: one module per forge.
//!
//! A forge's words come in, [`windlass_control::use_cases::EventFacts`] go out. Knows nothing of runners, pages or SQL.

pub mod folder;
