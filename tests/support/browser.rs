//! A browser that is driven as a person drives it (W3C WebDriver), without a window.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a page may take that was asked for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of an element, in what the driver answers (W3C WebDriver, section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// With cookies of its own.
    pub fn start() -> Browser {
        let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| line.unwrap().trim_end_matches('.').split_once("successfully on port ")?.1.parse::<u16>().ok());
        // What it says later is of no use, and must not stop it.
        thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().unwrap();
        let arguments = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,1000",
            format!("--user-data-dir={}", profile.path().display()),
        ]);
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {"args": arguments}}}});
        let address = SocketAddr::from(([127, 0, 0, 1], port.unwrap()));
        let mut browser = Browser { driver, address, session: String::new(), _profile: profile };
        let begun = browser.send("POST", "/session", &wanted);
        browser.session = begun["sessionId"].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned();
        browser
    }

    pub fn open(&self, url: &str) {
        self.on("POST", "/url", &json!({"url": url}));
    }

    pub fn address(&self) -> String {
        self.on("GET", "/url", &Value::Null).as_str().unwrap().to_owned()
    }

    /// What is read on the page.
    pub fn text(&self) -> String {
        let body = self.find("body");
        self.on("GET", &format!("/element/{body}/text"), &Value::Null).as_str().unwrap().to_owned()
    }

    /// What a script tells of the page.
    pub fn tells(&self, script: &str) -> Value {
        self.on("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Types into the field of a selector.
    pub fn fill(&self, selector: &str, text: &str) {
        let field = self.find(selector);
        self.on("POST", &format!("/element/{field}/clear"), &json!({}));
        self.on("POST", &format!("/element/{field}/value"), &json!({"text": text}));
    }

    /// Presses what leads to another page, and waits until the one that it stood on is gone:
    /// whoever goes on before that asks for a page that the answer to the press may still take the
    /// place of.
    pub fn leave_by(&self, selector: &str) {
        let element = self.find(selector);
        self.on("POST", &format!("/element/{element}/click"), &json!({}));
        let (begun, path) = (Instant::now(), format!("/session/{}/element/{element}/name", self.session));
        while self.send("GET", &path, &Value::Null)["error"].is_null() {
            assert!(begun.elapsed() < PATIENCE, "{selector} leads nowhere from {}", self.address());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The element of a CSS selector, as soon as it is there.
    fn find(&self, selector: &str) -> String {
        let begun = Instant::now();
        loop {
            let found = self.on("POST", "/elements", &json!({"using": "css selector", "value": selector}));
            if let Some(element) = found[0][ELEMENT].as_str() {
                return element.to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "no {selector} at {}", self.address());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn on(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.send(method, &format!("/session/{}{path}", self.session), body);
        assert!(answer["error"].is_null(), "{method} {path} {body}: {answer}");
        answer
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(2 * PATIENCE)).unwrap();
        let (address, length) = (self.address, body.len());
        let head =
            format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all((head + &body).as_bytes()).unwrap();
        // The driver keeps the connection: its answer is as long as it says.
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).unwrap();
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().unwrap(),
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body).unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            self.send("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _gone = self.driver.kill();
        let _ended = self.driver.wait();
    }
}
