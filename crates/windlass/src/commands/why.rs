//! `windlass why`: what keeps a job of the running server, or how it came to its end.

use super::{JobName, Place, block_on};
use crate::{
    exit::{Exit, fail},
    http_client,
};

/// Say why a job of the `windlass up` of this repository is where it is.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
    /// Number of the run and name of the job, such as `12/build`; a name alone means the newest run
    #[arg(value_name = "[RUN/]JOB")]
    job: String,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    block_on(async { why(arguments).await.unwrap_or_else(|error| fail(Exit::Invalid, error)) })
}

async fn why(arguments: &Arguments) -> Result<Exit, String> {
    let state = arguments.place.state()?;
    let job = if let Ok(job) = arguments.job.parse::<JobName>() {
        job
    } else {
        // A job's name may hold a slash of its own.
        let newest = http_client::get_json(&state, "/api/v1/runs?limit=1").await?;
        let number = newest["runs"][0]["number"].as_u64().and_then(|number| u32::try_from(number).ok());
        let run = number.ok_or("there is no run yet: commit something")?;
        JobName { run, job: arguments.job.clone() }
    };
    let why = http_client::get_json(&state, &format!("{}/why", job.path())).await?;
    if arguments.json {
        anstream::println!("{why}");
        return Ok(Exit::Success);
    }
    let text = |value: &serde_json::Value| value["text"].as_str().unwrap_or_default().to_owned();
    let list = |name: &str| why[name].as_array().cloned().unwrap_or_default();
    anstream::println!(
        "{} of run #{}: {}",
        why["job"].as_str().unwrap_or_default(),
        job.run,
        why["state"].as_str().unwrap_or_default()
    );
    for reason in list("reasons") {
        anstream::println!("  {}", text(&reason));
    }
    for runner in list("runners") {
        anstream::println!("    {}", text(&runner));
    }
    Ok(Exit::Success)
}
