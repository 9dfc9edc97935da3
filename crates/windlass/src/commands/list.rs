//! `windlass list`: the runs of the running server.

use super::{Place, block_on};
use crate::{
    exit::{Exit, fail},
    http_client::{self, segment},
};

/// List the runs of the `windlass up` of this repository.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// At most so many, newest first
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: u16,
    /// Only runs of this branch, or full ref
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Only runs of this event
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    /// Only runs in this state: running, pending, cancelling, success, failure, cancelled, invalid
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// Only runs of the workflow of this name
    #[arg(long, value_name = "NAME")]
    workflow: Option<String>,
    /// Only runs that this person caused
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    block_on(async { list(arguments).await.unwrap_or_else(|error| fail(Exit::Invalid, error)) })
}

async fn list(arguments: &Arguments) -> Result<Exit, String> {
    let mut path = format!("/api/v1/runs?limit={}", arguments.limit);
    for (name, value) in [
        ("ref", &arguments.branch),
        ("event", &arguments.event),
        ("state", &arguments.state),
        ("workflow", &arguments.workflow),
        ("actor", &arguments.actor),
    ] {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", segment(value)));
        }
    }
    let json = http_client::get_json(&arguments.place.state()?, &path).await?;
    if arguments.json {
        anstream::println!("{json}");
        return Ok(Exit::Success);
    }
    for run in json["runs"].as_array().into_iter().flatten() {
        let text = |key: &str| run[key].as_str().unwrap_or_default();
        let branch = text("ref").trim_start_matches("refs/heads/").trim_start_matches("refs/tags/");
        let sha = text("sha").get(..10).unwrap_or_default();
        anstream::println!(
            "{:>5}  {:<10}  {:<20}  {:<16}  {sha}  {}",
            run["number"].to_string(),
            text("state"),
            text("workflow"),
            branch,
            text("title")
        );
    }
    Ok(Exit::Success)
}
