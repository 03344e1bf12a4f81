//! The binary as a stranger meets it: only here cargo tells where it is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn tickroom(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickroom"));
    command.args(words).env_clear().stdin(Stdio::null());
    command
}

fn output(words: &[&str]) -> Output {
    tickroom(words).output().expect("the binary runs")
}

/// Exit code ≠ 0 and one clear sentence that names `part`.
fn check_refused(words: &[&str], part: &str) {
    let output = output(words);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{words:?} is accepted");
    assert!(text.contains(part), "{words:?}: {text}");
    assert!(
        !text.contains("panicked") && output.stdout.is_empty(),
        "{words:?}: {text}"
    );
}

#[test]
fn unknown_words_and_values_out_of_range_are_refused() {
    check_refused(&["--unheard-of"], "--unheard-of");
    check_refused(&["serve", "--port", "70000"], "70000");
    check_refused(&["--players-max", "129"], "1..=128");
    check_refused(&["--host", "nowhere"], "nowhere");
    check_refused(&["--lag-compensation", "maybe"], "maybe");
    check_refused(&["--log", "a=b=c"], "--log does not understand");
    check_refused(&["fly"], "fly");
}

#[test]
fn a_taken_port_is_one_clear_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("it is bound").port().to_string();
    let output = output(&["--port", &port, "--log", "error"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        text.contains(&port) && text.contains("taken") && text.contains("--port"),
        "{text}"
    );
}

#[test]
fn help_names_each_setting_with_its_variable() {
    let output = output(&["serve", "--help"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    let settings = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("--") && !line.starts_with("--print-config") && !line.contains("--help")
    };
    let flags = text.lines().filter(settings);
    let variables = text.matches("[env: TICKROOM_").count();
    assert!(variables >= 10, "{text}");
    assert_eq!(flags.count(), variables, "every flag has a variable: {text}");
    assert!(text.contains("Examples:"), "{text}");
}

/// A served game that is ended when dropped.
struct Served {
    process: Child,
    address: SocketAddr,
}

impl Served {
    fn start(command: &mut Command) -> Self {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it prints its address");
        let address = line.trim().rsplit('/').next().and_then(|text| text.parse().ok());
        Self {
            process,
            address: address.unwrap_or_else(|| panic!("no address in {line}")),
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .expect("it reads");
        let mut text = Vec::new();
        stream.read_to_end(&mut text).expect("it answers");
        String::from_utf8_lossy(&text).into_owned()
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.process.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn settings_come_from_the_environment_and_flags_win() {
    let served = Served::start(
        tickroom(&["--port", "0"])
            .env("TICKROOM_PORT", "1")
            .env("TICKROOM_FILL_TO", "3"),
    );
    assert!(served.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(served.get("/").contains("<title>"));
    assert!(served.get("/socket.io/socket.io.js").starts_with("HTTP/1.1 200"));
}

#[cfg(unix)]
#[test]
fn both_signals_end_it_with_code_0_within_five_seconds() {
    for name in ["INT", "TERM"] {
        let mut served = Served::start(&mut tickroom(&["--port", "0"]));
        // A client that neither reads nor closes must not hold up the end.
        let _stalled = TcpStream::connect(served.address).expect("it listens");
        served.signal(name);
        let asked = Instant::now();
        let code = served.process.wait().expect("it ends").code();
        assert_eq!(code, Some(0), "{name}");
        // The one time a test looks at: it is the promise itself.
        assert!(
            asked.elapsed() < Duration::from_secs(5),
            "{name} took {:?}",
            asked.elapsed()
        );
    }
}

fn config_file(text: &str) -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("tickroom-{}-{number}.toml", std::process::id()));
    std::fs::write(&path, text).expect("the temporary folder is writable");
    path
}

#[test]
fn settings_are_told_with_their_origin() {
    let path = config_file(
        "port = 5\nallow_origin = [\"https://a\", \"https://b\"]\nfill_to = 2\nlag_compensation = false\nadmin_token = \"secret\"\nlog = \"debug\"\n",
    );
    let output = tickroom(&["serve", "--print-config", "--port", "7"])
        .env("TICKROOM_CONFIG", &path)
        .env("TICKROOM_LOG", "warn")
        .output()
        .expect("the binary runs");
    std::fs::remove_file(&path).expect("it is ours");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    for line in [
        "port = 7  # flag",
        "fill_to = 2  # file",
        "lag_compensation = false  # file",
        "allow_origin = \"https://a,https://b\"  # file",
        "log = \"warn\"  # environment",
        "players_max = 16  # default",
        "# admin_token is set  (file)",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is not in\n{text}"
        );
    }
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_bad_file_is_one_clear_sentence() {
    for (text, part) in [
        ("ports = 5", "unknown setting 'ports'"),
        ("port = 70000", "70000"),
        (
            "port = [1]",
            "'port' must be a number, a text, true or false, or a list of texts",
        ),
        ("admin_token = \"\"", "--admin-token"),
        ("port = ", "not valid TOML"),
    ] {
        let path = config_file(text);
        check_refused(&["--config", path.to_str().expect("the path is text")], part);
        std::fs::remove_file(&path).expect("it is ours");
    }
    check_refused(
        &["--config", "/no/such/file.toml"],
        "cannot read /no/such/file.toml",
    );
}
