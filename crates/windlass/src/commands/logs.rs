//! `windlass logs`: the log of a job of the running server.

use std::io::Write;

use http_body_util::BodyExt;

use super::{JobName, Place, block_on};
use crate::{
    exit::{Exit, fail},
    http_client,
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
    #[arg(value_name = "RUN/JOB")]
    job: JobName,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    block_on(async { show(arguments).await.unwrap_or_else(|error| fail(Exit::Invalid, error)) })
}

async fn show(arguments: &Arguments) -> Result<Exit, String> {
    let path = format!("{}/log?follow={}", arguments.job.path(), arguments.follow);
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
