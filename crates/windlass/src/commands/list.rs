//! `windlass list`: the runs of the running server.

use http_body_util::BodyExt;
use serde_json::Value;

use super::{Place, block_on};
use crate::{
    exit::{Exit, fail},
    http_client,
};

/// List the runs of the `windlass up` of this repository.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// At most so many, newest first
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: u16,
    /// Print the server's JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    block_on(async { list(arguments).await.unwrap_or_else(|error| fail(Exit::Invalid, error)) })
}

async fn list(arguments: &Arguments) -> Result<Exit, String> {
    let answer =
        http_client::get(&arguments.place.state()?, &format!("/api/v1/runs?limit={}", arguments.limit)).await?;
    let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    if arguments.json {
        anstream::println!("{}", String::from_utf8_lossy(&body));
        return Ok(Exit::Success);
    }
    let json: Value = serde_json::from_slice(&body).map_err(|error| format!("the server's answer: {error}"))?;
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
