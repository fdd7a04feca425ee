//! What stands before the server: proxies that are believed and everybody else, who is not; TLS of
//! its own.

use crate::support::{
    self,
    intranet::{Answer, Running},
    small::Small,
};
use chancery::server::{Config, Front, Pem, Tls};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned, SupportedProtocolVersion,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime},
    version::{TLS12, TLS13},
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

fn behind(small: &Small, trusted: &[&str], origin: Option<&str>) -> Running {
    let trusted_proxies = trusted.iter().map(|&network| network.to_owned()).collect();
    let front = Front::new(Config { trusted_proxies, origin: origin.map(str::to_owned) }, false).unwrap();
    Running::behind(small.path(), front, None)
}

/// The addresses that the log has, without repetition.
fn logged(running: &Running) -> Vec<String> {
    let log = rusqlite::Connection::open(running.state.join("access-log.db")).unwrap();
    let mut query = log.prepare("SELECT DISTINCT origin FROM line ORDER BY origin").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn ask(running: &Running, headers: &str) {
    let signed = running.sign_in("ma");
    assert_eq!(running.ask("GET", "/records/F-1/", &format!("cookie: {}\r\n{headers}", signed.cookie), "").status(), 200);
}

#[test]
fn who_is_no_proxy_of_ours_says_nothing_of_himself() {
    let small = Small::new(&[]);
    for trusted in [&[][..], &["10.0.0.2", "10.1.0.0/16"]] {
        let running = behind(&small, trusted, None);
        for headers in [
            "x-forwarded-for: 203.0.113.7\r\n",
            "x-forwarded-for: 10.0.0.2\r\n",
            "forwarded: for=203.0.113.7\r\n",
            "x-real-ip: 203.0.113.7\r\n",
        ] {
            ask(&running, headers);
        }
        assert_eq!(logged(&running), ["127.0.0.1"]);
        let answer = running.sign_in_with("ma", "demo", "x-forwarded-proto: https\r\n");
        assert!(answer.header("set-cookie").unwrap().starts_with("session="), "{}", answer.head);
        assert_eq!(answer.header("strict-transport-security"), None);
    }
}

#[test]
fn a_proxy_of_ours_is_believed_up_to_whom_it_does_not_know() {
    let small = Small::new(&[]);
    let running = behind(&small, &["127.0.0.1", "10.1.0.0/16"], None);
    for (told, expected) in [
        ("x-forwarded-for: 203.0.113.7\r\n", "203.0.113.7"),
        ("x-forwarded-for: 198.51.100.1, 203.0.113.8, 10.1.2.3\r\n", "203.0.113.8"),
        ("x-forwarded-for: 198.51.100.1\r\nx-forwarded-for: 203.0.113.9\r\n", "203.0.113.9"),
        ("x-forwarded-for: 203.0.113.1, <script>\r\n", "127.0.0.1"),
        ("x-forwarded-for: \u{4f60}\r\n", "127.0.0.1"),
        ("x-forwarded-for: 203.0.113.1, nobody, 10.1.2.4\r\n", "10.1.2.4"),
        ("", "127.0.0.1"),
    ] {
        ask(&running, told);
        let log = rusqlite::Connection::open(running.state.join("access-log.db")).unwrap();
        let last: String = log.query_row("SELECT origin FROM line ORDER BY rowid DESC LIMIT 1", [], |row| row.get(0)).unwrap();
        assert_eq!(last, expected, "{told}");
    }
}

/// Thirty failures from one address shut it, whatever it says it is; behind a proxy of ours they
/// shut the one reader alone.
#[test]
fn attempts_are_counted_by_the_address_that_is_known() {
    let small = Small::new(&[]);
    let attempt = |running: &Running, n: usize, from: &str| {
        let name = if n == 99 { "ma".to_owned() } else { format!("nobody-{n}") };
        running.sign_in_with(&name, "demo", &format!("x-forwarded-for: {from}\r\n")).status()
    };
    let believed = behind(&small, &["127.0.0.1"], None);
    assert!((0..30).all(|n| attempt(&believed, n, "203.0.113.7") == 401));
    assert_eq!((attempt(&believed, 99, "203.0.113.7"), attempt(&believed, 99, "203.0.113.8")), (429, 303));
    let not = behind(&small, &[], None);
    assert!((0..30).all(|n| attempt(&not, n, &format!("203.0.113.{n}")) == 401));
    assert_eq!(attempt(&not, 99, "203.0.113.200"), 429);
}

#[test]
fn behind_a_proxy_that_speaks_tls_the_cookie_demands_it() {
    let small = Small::new(&[]);
    let running = behind(&small, &["127.0.0.1"], None);
    let https = "x-forwarded-proto: https\r\n";
    let answer = running.sign_in_with("ma", "demo", https);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-session=") && cookie.contains("; Secure"), "{cookie}");
    let cookie = format!("cookie: {}\r\n", cookie.split(';').next().unwrap());
    let status = |headers: &str| running.ask("GET", "/", headers, "").status();
    assert_eq!((status(&format!("{cookie}{https}")), status(&cookie)), (200, 303), "it counts over TLS alone");
    for (path, headers) in [("/", https), ("/sign-in", https), ("/assets/style.css", https), ("/none", https)] {
        assert_eq!(running.ask("GET", path, headers, "").header("strict-transport-security"), Some("max-age=31536000"), "{path}");
    }
    let refused = running.sign_in_with("ma", "demo", &format!("{https}sec-fetch-site: cross-site\r\n"));
    assert_eq!((refused.status(), refused.header("strict-transport-security")), (403, Some("max-age=31536000")));
    assert_eq!(running.ask("GET", "/sign-in", "x-forwarded-proto: http\r\n", "").header("strict-transport-security"), None);
    let out = running.ask("POST", "/sign-out", &format!("{cookie}{https}"), "");
    assert!(out.header("set-cookie").unwrap().starts_with("__Host-session=; ") && status(&format!("{cookie}{https}")) == 303);
}

/// A browser that sends no `Sec-Fetch-Site` (over plain HTTP none does) has `Origin` compared with
/// `Host`, which the proxy has rewritten.
#[test]
fn the_origin_that_is_configured_is_our_own() {
    let small = Small::new(&[]);
    let (told, not) = (behind(&small, &[], Some("https://records.example")), behind(&small, &[], None));
    let own = "origin: https://records.example\r\n";
    assert_eq!((told.sign_in_with("ma", "demo", own).status(), not.sign_in_with("ma", "demo", own).status()), (303, 403));
    for other in ["origin: https://records.example.evil.example\r\n", "origin: http://records.example\r\n", "origin: null\r\n"] {
        assert_eq!(told.sign_in_with("ma", "demo", other).status(), 403, "{other}");
    }
    assert_eq!(not.sign_in_with("ma", "demo", &format!("{own}sec-fetch-site: same-origin\r\n")).status(), 303);
}

#[test]
fn the_configuration_in_the_manual_is_one() {
    for page in ["docs/serving.md", "docs/serving.zh.md"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
        let written = text.split("```yaml server.yaml\n").nth(1).unwrap().split("```").next().unwrap();
        let config: Config = serde_yaml::from_str(written).unwrap();
        assert_eq!((config.trusted_proxies.len(), config.origin.as_deref()), (2, Some("https://records.example")), "{page}");
        Front::new(config, false).unwrap();
    }
}

fn pem(name: &str) -> Pem {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls");
    let read = |ending: &str| fs::read(folder.join(format!("{name}.{ending}"))).unwrap();
    Pem { certificate: read("pem"), key: read("key") }
}

/// Takes any certificate: the test's own is vouched for by nobody.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &ring::default_provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &ring::default_provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

fn over_tls(running: &Running, version: &'static SupportedProtocolVersion, ask: impl FnOnce(&mut dyn Stream) -> Answer) -> Answer {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_protocol_versions(&[version]).unwrap();
    let config = builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone)).with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    ask(&mut StreamOwned::new(client, TcpStream::connect(running.address).unwrap()))
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

#[test]
fn over_tls_the_cookie_demands_it_and_every_answer_says_come_back_so() {
    let small = Small::new(&[]);
    let tls = Tls::new(Box::new(|| Ok(pem("first")))).unwrap();
    let running = Running::behind(small.path(), Front::new(Config::default(), true).unwrap(), Some(tls));
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    for version in [&TLS12, &TLS13] {
        let answer = over_tls(&running, version, |stream| running.ask_over(stream, "POST", "/sign-in", form, "name=ma&password=demo"));
        let cookie = answer.header("set-cookie").unwrap();
        assert!(answer.status() == 303 && cookie.starts_with("__Host-session=") && cookie.contains("; Secure"), "{}", answer.head);
        let cookie = format!("cookie: {}\r\n", cookie.split(';').next().unwrap());
        for (path, status) in [("/", 200), ("/records/F-1/", 200), ("/records/none/", 404), ("/assets/none", 404)] {
            let answer = over_tls(&running, version, |stream| running.ask_over(stream, "GET", path, &cookie, ""));
            assert_eq!((answer.status(), answer.header("strict-transport-security")), (status, Some("max-age=31536000")), "{path}");
        }
    }
    let mut plain = TcpStream::connect(running.address).unwrap();
    write!(plain, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    plain.read_to_end(&mut bytes).unwrap_or_default();
    assert!(!bytes.starts_with(b"HTTP/"), "nothing is said in clear");
}

#[test]
fn who_does_not_come_to_the_end_of_a_head_is_not_waited_for() {
    let small = Small::new(&[]);
    let running = Running::start(small.path());
    let mut slow = TcpStream::connect(running.address).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let begun = Instant::now();
    write!(slow, "GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ").unwrap();
    let mut bytes = Vec::new();
    slow.read_to_end(&mut bytes).unwrap_or_default();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

/// What `chancery serve` says and does with these arguments: it is ended as soon as it says where
/// it listens.
fn serve(small: &Small, arguments: &[&str]) -> String {
    let mut process = Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(arguments)
        .current_dir(small.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = vec![0; 4096];
    let length = process.stdout.take().unwrap().read(&mut said).unwrap();
    process.kill().unwrap();
    let mut wrong = String::new();
    process.stderr.take().unwrap().read_to_string(&mut wrong).unwrap();
    process.wait().unwrap();
    String::from_utf8_lossy(&said[..length]).into_owned() + &wrong
}

#[test]
fn a_file_that_does_not_serve_is_named_with_what_is_wrong() {
    let small = Small::new(&[]);
    support::trust(small.path(), &small.path().join(".chancery"));
    for name in ["first", "second"] {
        small.write(&format!("{name}.pem"), pem(name).certificate);
        small.write(&format!("{name}.key"), pem(name).key);
        for end in ["pem", "key"] {
            let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(small.path().join(format!("{name}.{end}")), own).unwrap();
        }
    }
    let refused = |arguments: &[&str]| ["zh", "en"].map(|lang| serve(&small, &[arguments, &["--lang", lang]].concat()));
    let [zh, en] = refused(&["--tls-cert", "first.pem"]);
    assert_eq!((&*zh, &*en), ("chancery: --tls-cert 与 --tls-key 须一并给出\n", "chancery: --tls-cert and --tls-key go together\n"));
    let [zh, en] = refused(&["--tls-cert", "none.pem", "--tls-key", "first.key"]);
    assert!(zh == en && zh.starts_with("chancery: none.pem: No such file"), "{zh}");
    let [zh, en] = refused(&["--tls-cert", "first.key", "--tls-key", "first.key"]);
    assert_eq!(
        (&*zh, &*en),
        ("chancery: first.key: 其中没有能识读的 PEM 证书\n", "chancery: first.key: there is no certificate in PEM that can be read\n")
    );
    let [zh, en] = refused(&["--tls-cert", "first.pem", "--tls-key", "first.pem"]);
    assert_eq!(
        (&*zh, &*en),
        ("chancery: first.pem: 其中没有能识读的 PEM 私钥\n", "chancery: first.pem: there is no private key in PEM that can be read\n")
    );
    let [zh, en] = refused(&["--tls-cert", "first.pem", "--tls-key", "second.key"]);
    assert!(zh.starts_with("chancery: first.pem, second.key: 证书与私钥不相配") && en.contains("do not fit"), "{zh}{en}");
    let [zh, en] = refused(&["--tls-cert", "first.pem", "--tls-key", "first.key"]);
    assert!(zh.starts_with("内网： https://127.0.0.1:") && en.starts_with("The intranet: https://127.0.0.1:"), "{zh}{en}");

    for (config, named) in [
        ("trusted_proxy: [10.0.0.2]", "trusted_proxy"),
        ("trusted_proxies: 10.0.0.2", "trusted_proxies"),
        ("trusted_proxies: [10.0.0]", "trusted_proxies：“10.0.0”不是地址或网段"),
        ("origin: records.example", "origin：“records.example”须如浏览器所写"),
        ("origin: https://records.example/", "origin：“https://records.example/”"),
        ("a: [", "配置读不懂"),
    ] {
        small.write(".chancery/server.yaml", config);
        let said = serve(&small, &["--lang", "zh"]);
        assert!(said.starts_with("chancery: ") && said.contains(".chancery/server.yaml: ") && said.contains(named), "{config}: {said}");
    }
    for config in ["", "trusted_proxies: [10.0.0.2, 10.1.0.0/16, \"fd00::/8\"]\norigin: https://records.example\n"] {
        small.write("own.yaml", config);
        assert!(serve(&small, &["--config", "own.yaml", "--lang", "en"]).starts_with("The intranet: http://"));
    }
    assert!(serve(&small, &["--config", "none.yaml", "--lang", "en"]).starts_with("chancery: none.yaml: No such file"));
}

#[test]
fn state_lies_where_it_is_told() {
    let small = Small::new(&[]);
    let elsewhere = tempfile::tempdir().unwrap();
    let state = elsewhere.path().join("state");
    support::trust(small.path(), &state);
    let state = state.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
        command.args(arguments).args(["--state", state, "--lang", "en"]).current_dir(small.path());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        writeln!(process.stdin.take().unwrap(), "a very long password").unwrap_or_default();
        let output = process.wait_with_output().unwrap();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(run(&["user", "add", "ma"]), "ma: done\n");
    assert!(run(&["user", "list"]).lines().any(|line| line.starts_with("ma ") && line.contains("can sign in")));
    assert!(serve(&small, &["--state", state, "--lang", "en"]).starts_with("The intranet:"));
    assert!(run(&["log", "verify"]).contains("0 lines"), "{}", run(&["log", "verify"]));
    assert!(!small.path().join(".chancery").exists());
}
