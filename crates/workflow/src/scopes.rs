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

/// `container.credentials` and those of services.
pub(crate) fn credentials() -> Scope {
    of("GIVNTMXE")
}

/// `container.env` and those of services.
pub(crate) fn container_env() -> Scope {
    of("GIVNTMXPJRE")
}

pub(crate) fn environment_url() -> Scope {
    of("GIVNTMPJRE")
}

/// `on.workflow_call.outputs.<name>.value`.
pub(crate) fn call_output() -> Scope {
    Scope::of(["github", "forgejo", "forge", "gitea", "inputs", "vars", "jobs"])
}

/// Defaults of an action's inputs.
pub(crate) fn action_input() -> Scope {
    of("GTMJR").with_hash_files()
}

/// `args` and `env` of a Docker action.
pub(crate) fn action_docker() -> Scope {
    of("I")
}

/// Steps and outputs of a composite action.
pub(crate) fn composite() -> Scope {
    of("GITMPJRE").with_hash_files()
}

pub(crate) fn composite_condition() -> Scope {
    of("GITMPJRE").with_status_functions(false).with_hash_files()
}

pub(crate) fn step() -> Scope {
    of("GIVNTMXPJRE").with_hash_files()
}

pub(crate) fn step_condition() -> Scope {
    of("GIVNTMPJRE").with_status_functions(false).with_hash_files()
}
