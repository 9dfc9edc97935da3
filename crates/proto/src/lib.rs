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

/// A protobuf timestamp from Unix milliseconds.
pub fn timestamp(millis: i64) -> buffa_types::google::protobuf::Timestamp {
    buffa_types::google::protobuf::Timestamp {
        seconds: millis.div_euclid(1_000),
        nanos: i32::try_from(millis.rem_euclid(1_000)).unwrap_or(0) * 1_000_000,
        ..Default::default()
    }
}

/// Unix milliseconds of a protobuf timestamp; what does not fit is cut to the nearest that does.
pub fn millis(timestamp: &buffa_types::google::protobuf::Timestamp) -> i64 {
    timestamp.seconds.saturating_mul(1_000).saturating_add(i64::from(timestamp.nanos) / 1_000_000)
}

/// A protobuf struct from a JSON object; anything else is an empty one.
pub fn to_struct(json: serde_json::Value) -> buffa_types::google::protobuf::Struct {
    serde_json::from_value(json).unwrap_or_default()
}

/// The JSON form of a protobuf struct.
pub fn from_struct(value: &buffa_types::google::protobuf::Struct) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The capability by which both sides announce `windlass.runner.v1`.
pub const CAPABILITY: &str = "windlass.runner.v1";
/// The header of the answer to Declare in which a server lists its capabilities.
pub const CAPABILITIES_HEADER: &str = "x-gitea-actions-capabilities";
