//! Which contexts and functions an expression may use at which key (GitHub's published workflow schema).

use windlass_expression::Scope;

/// Contexts by letter, as the schema tables abbreviate them: github, inputs, vars, needs, strategy, matrix,
/// secrets (X), steps (P), job, runner, env.
fn of(letters: &str) -> Scope {
    Scope::of(
        letters
            .chars()
            .flat_map(|letter| -> &[&str] {
                match letter {
                    'G' => &["github", "forgejo", "forge", "gitea"],
                    'I' => &["inputs"],
                    'V' => &["vars"],
                    'N' => &["needs"],
                    'T' => &["strategy"],
                    'M' => &["matrix"],
                    'X' => &["secrets"],
                    'P' => &["steps"],
                    'J' => &["job"],
                    'R' => &["runner"],
                    'E' => &["env"],
                    _ => &[],
                }
            })
            .copied(),
    )
}

pub(crate) fn run_name() -> Scope {
    of("GIV")
}

pub(crate) fn workflow_env() -> Scope {
    of("GIVX")
}

pub(crate) fn job_condition() -> Scope {
    of("GIVN").with_status_functions(true)
}

pub(crate) fn strategy() -> Scope {
    of("GIVN")
}

/// `name`, `runs-on`, `timeout-minutes`, `continue-on-error` of a job.
pub(crate) fn job_leg() -> Scope {
    of("GIVNTM")
}

pub(crate) fn job_env() -> Scope {
    of("GIVNTMX")
}

pub(crate) fn job_defaults() -> Scope {
    of("GIVTMNE")
}

pub(crate) fn job_outputs() -> Scope {
    of("GIVNTMXPJRE")
}

pub(crate) fn step() -> Scope {
    of("GIVNTMXPJRE").with_hash_files()
}

pub(crate) fn step_condition() -> Scope {
    of("GIVNTMPJRE").with_status_functions(false).with_hash_files()
}
