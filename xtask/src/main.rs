#[cfg(feature = "proto")]
mod proto;
fn main() -> anyhow::Result<()> {
    #[cfg(feature = "proto")]
    proto::run(std::path::Path::new("."), false)?;
    Ok(())
}
