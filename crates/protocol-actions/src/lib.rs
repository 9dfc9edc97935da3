//! protocol-actions
