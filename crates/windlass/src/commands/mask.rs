//! `windlass mask`: hides secrets in a text.

use std::io::{self, Read, Write};

use windlass_joblog::Masks;

use crate::exit::{Exit, fail};

/// Hide secrets in a text, as the log does.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A value to hide, in its plain and its encoded forms
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    secret: Vec<String>,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    let masks = Masks::of(&arguments.secret);
    let mut text = Vec::new();
    // The whole text at once: a secret of several lines is one region.
    if let Err(error) = io::stdin().lock().read_to_end(&mut text) {
        return fail(Exit::Internal, error);
    }
    match io::stdout().lock().write_all(&masks.apply_to_bytes(&text)) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => fail(Exit::Internal, error),
        _ => Exit::Success,
    }
}
