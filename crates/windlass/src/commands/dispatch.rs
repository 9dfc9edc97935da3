//! `windlass dispatch`: starts a workflow of the running server's repository.

use serde_json::{Map, Value, json};

use super::{Place, block_on};
use crate::{
    exit::{Exit, fail},
    http_client,
};

/// Start a workflow of the `windlass up` of this repository by hand.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Branch or tag [default: the default branch]
    #[arg(long = "ref", value_name = "REF")]
    ref_name: Option<String>,
    /// An input; its declared type says what it takes
    #[arg(short, long = "input", value_name = "NAME=VALUE", value_parser = parse_input)]
    input: Vec<(String, String)>,
    /// The workflow: its path, its file's name, or its `name:`
    #[arg(value_name = "WORKFLOW")]
    workflow: String,
}

fn parse_input(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write the input's name, an equals sign and its value")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    block_on(async { dispatch(arguments).await.unwrap_or_else(|error| fail(Exit::Invalid, error)) })
}

async fn dispatch(arguments: &Arguments) -> Result<Exit, String> {
    let inputs: Map<String, Value> =
        arguments.input.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let wanted = json!({"workflow": arguments.workflow, "ref": arguments.ref_name, "inputs": inputs});
    let started = http_client::post_json(&arguments.place.state()?, "/api/v1/dispatches", Some(&wanted)).await?;
    anstream::println!("#{}", started["number"]);
    Ok(Exit::Success)
}
