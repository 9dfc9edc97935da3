//! How jobs come to runners, whatever gets lost on the way.

use windlass_control::{Keys, Store, use_cases::AuthenticateRunner};
use windlass_testkit::World;

crate::on_both_databases!(
    the_oldest_fitting_job_comes_first,
    a_request_key_names_one_task,
    a_repeated_claim_makes_earlier_credentials_void,
    a_runner_is_known_by_its_token_only,
);

const ONE_JOB: &str = "on: push\njobs: {build: {runs-on: [linux, GPU], steps: [{run: make}]}}\n";

async fn the_oldest_fitting_job_comes_first<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["Linux", "gpu", "x64"]).await;
    let first = world.pushes(ONE_JOB).await;
    world.time_passes(std::time::Duration::from_millis(5)).await;
    let second = world.pushes(ONE_JOB).await;
    assert_eq!(world.claims(&ada).await.task.run, first);
    assert_eq!(world.claims(&ada).await.task.run, second);
    assert!(world.finds_nothing(&ada).await);
}

async fn a_request_key_names_one_task<S: Store>(world: World<S>) {
    let (ada, bob) = (world.runner("ada", &["linux", "gpu"]).await, world.runner("bob", &["linux", "gpu"]).await);
    world.pushes(ONE_JOB).await;
    world.pushes(ONE_JOB).await;
    let first = world.claims_with(&ada, Some("key")).await.expect("a claim").expect("work");
    let again = world.claims_with(&ada, Some("key")).await.expect("a claim").expect("the same work");
    assert_eq!(first.task.id, again.task.id);
    let other = world.claims_with(&bob, Some("key")).await.expect("a claim").expect("other work");
    assert_ne!(first.task.id, other.task.id, "keys are the runner's own");
    // Once its task has ended a key is free again.
    let end = Some(windlass_lifecycle::Conclusion::Success);
    world.reports(&ada, first.task.id, end, &[]).await.expect("reported");
    assert!(world.claims_with(&ada, Some("key")).await.expect("a claim").is_none());
}

async fn a_repeated_claim_makes_earlier_credentials_void<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux", "gpu"]).await;
    world.pushes(ONE_JOB).await;
    let first = world.claims_with(&ada, Some("key")).await.expect("a claim").expect("work");
    let again = world.claims_with(&ada, Some("key")).await.expect("a claim").expect("work");
    let token = |generation| world.core.keys.task_token(first.task.id, generation);
    assert_ne!(token(first.task.generation), token(again.task.generation));
    assert_eq!(token(again.task.generation).len(), 40);
}

async fn a_runner_is_known_by_its_token_only<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let uuid = format!("uuid-of-ada-{}", ada.id);
    let ask = |uuid: &str, token: String| AuthenticateRunner { uuid: uuid.into(), token };
    assert!(world.core.read(ask(&uuid, Keys::random_hex(20))).await.expect("an answer").is_none());
    assert!(world.core.read(ask("nobody", String::new())).await.expect("an answer").is_none());
}
