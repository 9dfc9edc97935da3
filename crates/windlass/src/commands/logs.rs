//! `windlass logs`: the log of a job of the running server.

use std::io::Write;

use http_body_util::BodyExt;

use super::{Place, block_on};
use crate::{
    exit::{Exit, fail},
    http_client::{self, segment},
};

/// Show the log of a job of the `windlass up` of this repository.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Wait for more until the job has ended
    #[arg(short, long)]
    follow: bool,
    /// Number of the run and name of the job, such as `12/build`
    #[arg(value_name = "RUN/JOB", value_parser = parse_job)]
    job: (u32, String),
}

fn parse_job(text: &str) -> Result<(u32, String), String> {
    let (run, job) = text.split_once('/').ok_or("write the run's number, a slash and the job's name: 12/build")?;
    let run = run.trim_start_matches('#').parse().map_err(|_| format!("'{run}' is not a run's number"))?;
    Ok((run, job.to_owned()))
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    block_on(async { show(arguments).await.unwrap_or_else(|error| fail(Exit::Invalid, error)) })
}

async fn show(arguments: &Arguments) -> Result<Exit, String> {
    let (run, job) = &arguments.job;
    let path = format!("/api/v1/runs/{run}/jobs/{}/log?follow={}", segment(job), arguments.follow);
    let mut body = http_client::get(&arguments.place.state()?, &path).await?.into_body();
    let mut out = std::io::stdout().lock();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| format!("the server broke off within the log: {error}"))?;
        if let Ok(data) = frame.into_data()
            && out.write_all(&data).and_then(|()| out.flush()).is_err()
        {
            // Whoever read this has seen enough.
            break;
        }
    }
    Ok(Exit::Success)
}
