//! The wire protocols: `.proto` files and the code generated from them.
//!
//! [`messages`] holds the message types, [`services`] the server traits and clients; both are
//! written by `cargo xtask proto` and checked in, so that a build needs no `protoc`. Knows nothing
//! of what the messages mean: adapters translate them into the words of `control`.

#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]
#[rustfmt::skip]
#[path = "generated/messages/mod.rs"]
pub mod messages;

#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]
#[rustfmt::skip]
#[path = "generated/services/mod.rs"]
pub mod services;
