//! `cargo xtask proto`: generates the code of `crates/proto` from its `.proto` files.
//!
//! Messages and services are generated apart ("split"): `runner.v1` declares an enum named `Result`,
//! which would shadow the standard one inside a service module.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};
use buffa::Message;
use buffa_codegen::{
    GeneratedFile, GeneratedFileKind, IncludeMode, generate, generate_module_tree,
    generated::descriptor::FileDescriptorSet,
};
use connectrpc_codegen::codegen::{Options, generate_services};

const FILES: [&str; 3] = ["ping/v1/ping.proto", "runner/v1/runner.proto", "windlass/runner/v1/task.proto"];

/// Generates the code; with `check` only compares it with what is checked in.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    let crate_dir = root.join("crates/proto");
    let set = protox::compile(FILES, [crate_dir.join("proto")]).context("compiling the .proto files")?;
    let bytes = protox::prost::Message::encode_to_vec(&set);
    let set = FileDescriptorSet::decode_from_slice(&bytes).context("reading the descriptor set")?;
    let names: Vec<String> = FILES.iter().map(|f| (*f).to_owned()).collect();

    let mut options = Options::default();
    options.buffa.generate_views = true;
    options.buffa.generate_json = true;
    let messages = generate(&set.file, &names, &options.buffa).map_err(|e| anyhow::anyhow!("{e}"))?;
    options.buffa.extern_paths = vec![(".".into(), "crate::messages".into())];
    let services = generate_services(&set.file, &names, &options)?;

    let mut wanted = BTreeMap::new();
    lay_out("messages", messages, &mut wanted);
    lay_out("services", services, &mut wanted);
    let target = crate_dir.join("src/generated");
    if check { compare(&target, &wanted) } else { write(&target, &wanted) }
}

fn lay_out(folder: &str, files: Vec<GeneratedFile>, wanted: &mut BTreeMap<String, String>) {
    let packages: Vec<(String, String)> = files
        .iter()
        .filter(|f| f.kind == GeneratedFileKind::PackageMod)
        .map(|f| (f.name.clone(), f.package.clone()))
        .collect();
    let tree = generate_module_tree(&packages, IncludeMode::Relative(""), false);
    wanted.insert(format!("{folder}/mod.rs"), tree);
    for file in files {
        wanted.insert(format!("{folder}/{}", file.name), disambiguate(&file.content));
    }
}

/// The method `Register` of `runner.v1` clashes with the generator's own `register(router)`: name the trait.
fn disambiguate(content: &str) -> String {
    content.replace("svc.register(ctx,", "RunnerService::register(&*svc, ctx,")
}

fn write(target: &Path, wanted: &BTreeMap<String, String>) -> Result<()> {
    if target.exists() {
        fs::remove_dir_all(target)?;
    }
    for (name, content) in wanted {
        let path = target.join(name);
        fs::create_dir_all(path.parent().context("a generated file has a folder")?)?;
        fs::write(path, content)?;
    }
    Ok(())
}

fn compare(target: &Path, wanted: &BTreeMap<String, String>) -> Result<()> {
    for (name, content) in wanted {
        let found = fs::read_to_string(target.join(name)).unwrap_or_default();
        if &found != content {
            bail!("crates/proto/src/generated/{name} is out of date: run `cargo xtask proto`");
        }
    }
    Ok(())
}
