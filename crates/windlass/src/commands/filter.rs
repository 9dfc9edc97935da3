//! `windlass filter`: does a filter let an event through?

use windlass_workflow::{Pattern, ignores, includes};

use crate::exit::{Exit, fail};

/// Say whether a branch, tag or path filter lets an event through.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A pattern of the include list; the last one that matches decides, `!` turns off
    #[arg(long, value_name = "PATTERN", allow_hyphen_values = true, conflicts_with = "ignore")]
    include: Vec<String>,
    /// A pattern of the ignore list
    #[arg(long, value_name = "PATTERN", allow_hyphen_values = true)]
    ignore: Vec<String>,
    /// Names of refs, or changed paths
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    let parse = |list: &[String]| list.iter().map(|text| Pattern::parse(text)).collect::<Result<Vec<_>, _>>();
    let (include, ignore) = match (parse(&arguments.include), parse(&arguments.ignore)) {
        (Ok(include), Ok(ignore)) => (include, ignore),
        (Err(error), _) | (_, Err(error)) => return fail(Exit::Failure, error),
    };
    let inputs: Vec<&str> = arguments.inputs.iter().map(String::as_str).collect();
    let runs = includes(&include, &inputs) && !ignores(&ignore, &inputs);
    anstream::println!("{}", if runs { "run" } else { "skip" });
    Exit::Success
}
