//! A running `up` and how tests talk to it.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::Value;
use windlass_testkit::{Repo, Started};

use crate::windlass;

/// A running `up` and how to talk to it.
pub(crate) struct Up<'a> {
    pub(crate) repo: &'a Repo,
    pub(crate) started: Started,
    pub(crate) address: String,
    pub(crate) secret: String,
}

impl<'a> Up<'a> {
    pub(crate) fn start(repo: &'a Repo) -> Self {
        Self::start_with(repo, &[])
    }

    pub(crate) fn start_with(repo: &'a Repo, more: &[&str]) -> Self {
        let state = repo.state().display().to_string();
        let arguments = [&["up", "--state-dir", &state], more].concat();
        let started = windlass().start(&repo.path(), &arguments);
        let line = started.says(|line| line.contains("/?secret="));
        let (address, secret) = line.trim_start_matches("http://").split_once("/?secret=").expect("an address");
        Self { repo, address: address.to_owned(), secret: secret.to_owned(), started }
    }

    /// One request; answers the status line and the rest.
    pub(crate) fn request(&self, head: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).expect("the server answers");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
        write!(stream, "{head}\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        (head.to_owned(), body.to_owned())
    }

    pub(crate) fn get(&self, path: &str) -> (String, String) {
        self.request(&format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: windlass_secret={}",
            self.address, self.secret
        ))
    }

    /// Sends a form as a page does; answers the status line.
    pub(crate) fn post(&self, path: &str, form: &str) -> String {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: windlass_secret={1}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {2}\r\nConnection: close\r\n\r\n{form}",
            self.address,
            self.secret,
            form.len()
        );
        let mut stream = TcpStream::connect(&self.address).expect("the server answers");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
        stream.write_all(head.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
    }

    /// What REST answers.
    pub(crate) fn json(&self, path: &str) -> Value {
        let (head, body) = self.get(path);
        serde_json::from_str(&body).unwrap_or_else(|_| panic!("{path}: {head}\n{body}"))
    }

    /// What a command says that must succeed.
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let finished = self.windlass(arguments);
        assert_eq!(finished.code, 0, "{arguments:?}: {}", finished.stderr);
        finished.stdout
    }

    pub(crate) fn windlass(&self, arguments: &[&str]) -> windlass_testkit::Finished {
        let state = self.repo.state().display().to_string();
        windlass().run(&self.repo.path(), &[arguments, &["--state-dir", &state]].concat())
    }

    pub(crate) fn runs(&self) -> Vec<Value> {
        let listed = self.windlass(&["list", "--json"]);
        assert_eq!(listed.code, 0, "{}", listed.stderr);
        let json: Value = serde_json::from_str(&listed.stdout).expect("JSON");
        json["runs"].as_array().expect("runs").clone()
    }

    /// Waits until the run of this number has this state.
    pub(crate) fn waits_for(&self, number: i64, state: &str) -> Value {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let found = self.runs().into_iter().find(|run| run["number"] == number);
            if let Some(run) = found.as_ref().filter(|run| run["state"] == state) {
                return run.clone();
            }
            assert!(Instant::now() < until, "run {number} is {found:?} and not {state}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
