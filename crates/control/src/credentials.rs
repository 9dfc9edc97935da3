//! Secrets that are derived, compared and never stored in clear.

use aws_lc_rs::{constant_time, digest, hmac};
use windlass_lifecycle::TaskId;

/// The key of this installation. Task tokens are derived from it: every replica can check them, none stores them.
#[derive(Clone)]
pub struct Keys {
    key: hmac::Key,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// From 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// The token of a task: 40 lower-case hex digits, another one for every generation.
    pub fn task_token(&self, task: TaskId, generation: i64) -> String {
        let tag = hmac::sign(&self.key, format!("task:{task}:{generation}").as_bytes());
        hex(&tag.as_ref()[..20])
    }

    /// Fresh random hex digits, two for each byte.
    ///
    /// # Panics
    /// Where the operating system gives no random bytes.
    pub fn random_hex(bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        // The system's generator, not the library's: that one gathers entropy of its own for 30 ms at its first use. It
        // does not fail on the platforms we run on, and a failure must not pass as a secret.
        getrandom::fill(&mut buffer).expect("the operating system gives random bytes");
        hex(&buffer)
    }

    /// What is stored of a token. Tokens are random, so a fast hash serves.
    pub fn hash(token: &str) -> Vec<u8> {
        digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
    }

    /// Whether two secrets are the same, in a time that does not tell where they differ.
    pub fn same(a: &[u8], b: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(a, b).is_ok()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
