//! `windlass rerun`: a further attempt of a run of the running server.

use super::{JobName, Place, block_on, run_number};
use crate::{
    exit::{Exit, fail},
    http_client,
};

/// Run jobs of the `windlass up` of this repository again.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Only the jobs that failed or were cancelled, and what needs them
    #[arg(long)]
    failed: bool,
    /// Number of the run: all of its jobs; or one job and what needs it, such as `12/build`
    #[arg(value_name = "RUN[/JOB]", value_parser = parse)]
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Run(u32),
    Job(JobName),
}

fn parse(text: &str) -> Result<What, String> {
    if text.contains('/') { text.parse().map(What::Job) } else { run_number(text).map(What::Run) }
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    if arguments.failed && matches!(arguments.what, What::Job(_)) {
        return fail(Exit::Usage, "--failed chooses jobs of a whole run: name the run alone");
    }
    block_on(async { rerun(arguments).await.unwrap_or_else(|error| fail(Exit::Failure, error)) })
}

async fn rerun(arguments: &Arguments) -> Result<Exit, String> {
    let path = match &arguments.what {
        What::Run(run) if arguments.failed => format!("/api/v1/runs/{run}/rerun?jobs=failed"),
        What::Run(run) => format!("/api/v1/runs/{run}/rerun?jobs=all"),
        What::Job(job) => format!("{}/rerun", job.path()),
    };
    let run = http_client::post_json(&arguments.place.state()?, &path, None).await?;
    anstream::println!("#{} attempt {} {}", run["number"], run["attempt"], run["state"].as_str().unwrap_or_default());
    Ok(Exit::Success)
}
