//! The page in a real Chromium, driven as a person would.

use std::{
    future::Future,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator, key::Key, wd::TimeoutConfiguration};
use serde_json::json;
use windlass_testkit::Repo;

use crate::support::Up;

const PATIENCE: Duration = Duration::from_secs(30);

/// A browser; gone with the handle.
struct Browser {
    driver: Child,
    client: Client,
}

impl Browser {
    /// `None` where Debian's `chromium-driver` is not installed: `cargo xtask test` installs it.
    async fn start() -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let mut driver = Command::new("chromedriver");
        driver.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(driver) = driver.spawn() else {
            #[expect(clippy::print_stderr, reason = "a test that could not run says so")]
            {
                eprintln!("skipped: there is no `chromedriver` (Debian package chromium-driver)");
            }
            return None;
        };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--window-size=1280,900",
        ];
        let options = json!({"goog:chromeOptions": {"args": arguments}});
        let address = format!("http://127.0.0.1:{port}");
        for _ in 0..100 {
            let capabilities = options.as_object().expect("an object").clone();
            match ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
                .capabilities(capabilities)
                .connect(&address)
                .await
            {
                Ok(client) => {
                    // A page that does not come is an error, not a wait without an end.
                    let patience = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), Some(Duration::ZERO));
                    client.update_timeouts(patience).await.expect("timeouts");
                    return Some(Self { driver, client });
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
        panic!("the browser does not start");
    }

    async fn close(self) {
        self.client.clone().close().await.expect("closed");
    }

    async fn text_of(&self, css: &str) -> String {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until an element holds a text.
    async fn shows(&self, css: &str, text: &str) {
        until(&format!("{css} shows {text}"), || async { self.text_of(css).await.contains(text) }).await;
    }

    /// Clicks, as soon as it is there: it may be replaced between the look and the click.
    async fn clicks_at(&self, place: Locator<'_>) {
        until(&format!("{place:?} is clicked"), || async {
            match self.client.find(place).await {
                Ok(element) => element.click().await.is_ok(),
                Err(_) => false,
            }
        })
        .await;
    }

    async fn clicks(&self, css: &str) {
        self.clicks_at(Locator::Css(css)).await;
    }

    async fn clicks_link(&self, text: &str) {
        self.clicks_at(Locator::LinkText(text)).await;
    }

    async fn presses(&self, keys: &str) {
        let body = self.client.find(Locator::Css("body")).await.expect("a body");
        body.send_keys(keys).await.expect("pressed");
    }

    async fn script(&self, script: &str) -> serde_json::Value {
        self.client.execute(script, Vec::new()).await.expect("a script")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < end, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

const TALK: &str = "name: Talk
on: push
jobs:
  talk:
    runs-on: ubuntu-latest
    steps:
      - name: Say much
        run: |
          for i in $(seq 1 30); do printf 'line %s \\033[32mgreen\\033[0m\\n' $i; sleep 0.1; done
          echo '<img src=x onerror=document.title=1>'
          echo \"::group::Hidden\"; echo inside; echo ::endgroup::
      - name: Fail once
        run: 'test $GITHUB_RUN_ATTEMPT != 1'
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_watches_cancels_reruns_and_reads() {
    let Some(browser) = Browser::start().await else { return };
    let repo = Repo::with_workflow(
        "name: Quiet\non: workflow_dispatch\njobs: {wait: {runs-on: ubuntu-latest, steps: [{run: sleep 300}]}}\n",
    );
    repo.write(".forgejo/workflows/flood.yml", "name: Flood\non: workflow_dispatch\njobs: {flood: {runs-on: ubuntu-latest, steps: [{name: Flood, run: 'seq 1 1000000'}]}}\n");
    repo.commit("second");
    let up = Up::start(&repo);
    let base = format!("http://{}", up.address);
    browser.client.goto(&format!("{base}/?secret={}", up.secret)).await.expect("the page");
    browser.shows(".empty", "No run yet").await;

    // A commit stands in the list without a reload, and its log is watched live.
    repo.write(".forgejo/workflows/talk.yml", TALK);
    repo.commit("talks");
    browser.shows(".runs", "talks").await;
    assert!(!browser.client.current_url().await.expect("an address").as_str().contains("secret"));
    browser.clicks_link("talks").await;
    browser.clicks(".job h3 a").await;
    browser.shows(".screen", "line 3 green").await;
    browser.shows(".screen", "line 12 green").await;
    assert_eq!(browser.script("return document.querySelectorAll('.screen .c2').length > 0").await, true);
    browser.shows(".strip", "failure").await;
    browser.shows(".outline", "Fail once").await;
    // What a log holds is text, a group is folded until somebody opens it, and a line has an address.
    browser.presses(&Key::Home).await;
    browser.script("document.querySelector('[data-do=fold]').click()").await;
    until("the group is open", || async {
        browser
            .script("return [...document.querySelectorAll('.row')].some((row) => row.innerText.includes('inside'))")
            .await
            == true
    })
    .await;
    assert_eq!(browser.script("return document.querySelectorAll('.screen img').length").await, 0);
    browser.presses("e").await;
    until("the first error is chosen", || async { browser.text_of(".row.chosen").await.contains("exit code 1") }).await;
    assert!(
        browser.client.current_url().await.expect("an address").fragment().is_some_and(|hash| hash.starts_with('L'))
    );

    // It is run again, and is green.
    browser.clicks_link("#1").await;
    browser.clicks("form[action='/runs/1/rerun'] .primary").await;
    browser.shows(".attempts", "2").await;
    browser.shows(".strip", "success").await;

    // Another run is started on the page and cancelled there.
    browser.clicks_link("Start").await;
    browser.clicks_at(Locator::XPath("//button[text()='Start Quiet']")).await;
    browser.shows(".strip", "running").await;
    browser.shows(".job", "ran on").await;
    browser.clicks("form[action='/runs/2/cancel'] button").await;
    browser.shows(".strip", "cancelled").await;

    // A million lines: opened at the end, scrolled, searched.
    up.says(&["dispatch", "flood"]);
    until("the flood is over", || async { up.json("/api/v1/runs/3")["state"] == "success" }).await;
    browser.client.goto(&format!("{base}/runs/3/jobs/flood")).await.expect("the log");
    browser.shows(".count", "1,000,0").await;
    browser.presses(&Key::End).await;
    until("the last line", || async { browser.text_of(".rows").await.trim_end().ends_with("1000000") }).await;
    let drawn = browser.script("return document.querySelectorAll('.row').length").await;
    assert!(drawn.as_u64().is_some_and(|rows| rows < 200), "only what can be seen is on the page: {drawn}");
    browser.script("document.querySelector('.screen').scrollTop /= 2").await;
    until("the middle", || async {
        let text = browser.text_of(".rows").await;
        text.lines()
            .filter_map(|line| line.trim().parse::<u32>().ok())
            .any(|number| (450_000..550_000).contains(&number))
    })
    .await;
    browser.presses("/").await;
    let search = browser.client.find(Locator::Css("input[type=search]")).await.expect("a field");
    search.send_keys("777777").await.expect("typed");
    until("it is found", || async { browser.text_of(".row.now").await.contains("777777") }).await;
    browser.client.goto(&format!("{base}/runs/3/jobs/flood#L654321")).await.expect("the log");
    browser.client.refresh().await.expect("again");
    until("a line by its address", || async { browser.text_of(".row.chosen").await.contains("654321") }).await;

    // Many tabs of one browser share six connections: a page opens all the same.
    up.says(&["dispatch", "ci"]);
    let first = browser.client.window().await.expect("a tab");
    for _ in 0..8 {
        let tab = browser.client.new_window(true).await.expect("a tab");
        browser.client.switch_to_window(tab.handle).await.expect("there");
        browser.client.goto(&format!("{base}/runs/4/jobs/wait")).await.expect("the log");
        browser.shows(".strip", "running").await;
        browser.shows("#beside", "wait").await;
    }
    browser.client.switch_to_window(first).await.expect("back");
    up.says(&["cancel", "4"]);

    // A phone, and the dark: nothing is wider than the screen.
    browser.client.set_window_size(390, 800).await.expect("a phone");
    for path in ["/", "/runs/1", "/runs/3/jobs/flood", "/dispatch", "/system"] {
        browser.client.goto(&format!("{base}{path}")).await.expect("a page");
        let wide = browser.script("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(wide.as_i64().is_some_and(|wide| wide <= 0), "{path} is {wide} px wider than a phone");
    }
    browser.close().await;
}
