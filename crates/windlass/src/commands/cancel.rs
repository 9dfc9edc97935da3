//! `windlass cancel`: ends a run of the running server.

use super::{Place, block_on, run_number};
use crate::{
    exit::{Exit, fail},
    http_client,
};

/// Cancel a run of the `windlass up` of this repository.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Number of the run
    #[arg(value_name = "RUN", value_parser = run_number)]
    run: u32,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    block_on(async { cancel(arguments).await.unwrap_or_else(|error| fail(Exit::Failure, error)) })
}

async fn cancel(arguments: &Arguments) -> Result<Exit, String> {
    let path = format!("/api/v1/runs/{}/cancel", arguments.run);
    let run = http_client::post_json(&arguments.place.state()?, &path, None).await?;
    anstream::println!("#{} {}", arguments.run, run["state"].as_str().unwrap_or_default());
    Ok(Exit::Success)
}
