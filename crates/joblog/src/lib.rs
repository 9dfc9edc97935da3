//! joblog
