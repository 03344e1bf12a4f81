//! Builds the browser client into OUT_DIR, where `embed/lib.rs` takes it up.
//!
//! ```text
//! OUT_DIR/page/    what Vite makes of src/, or embed/missing/ when there is no Node
//! OUT_DIR/bundle/  the files of socket.io-client/dist, for pages of others
//! ```
//!
//! Without Node, or when npm fails, the build goes on with a warning and a page that says what to do; with
//! `TICKROOM_CLIENT=required` it fails instead.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the page depends on. `embed/missing` stands in for it.
const SOURCES: [&str; 11] = [
    "admin.html",
    "build.rs",
    "embed/missing",
    "index.html",
    "package-lock.json",
    "package.json",
    "public",
    "source_plugin.ts",
    "src",
    "tsconfig.json",
    "vite.config.ts",
];

/// What Vite asks for in its `engines`.
const NODE_MIN: (u32, u32) = (20, 19);

const BUNDLE: &str = "node_modules/socket.io-client";

/// The variants that a server of Socket.IO offers, each with its source map.
const BUNDLE_FILES: [&str; 4] = [
    "socket.io.js",
    "socket.io.min.js",
    "socket.io.esm.min.js",
    "socket.io.msgpack.min.js",
];

/// Lines of npm's or Vite's output that are shown when it fails: the cause stands at the end.
const OUTPUT_LINES_MAX: usize = 12;

/// Why there is no client, as a sentence.
type Reason = String;

fn main() {
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    println!("cargo::rerun-if-env-changed=PATH");
    println!("cargo::rerun-if-env-changed=TICKROOM_CLIENT");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let (built, version) = match build_client(&out) {
        Ok(version) => ("yes", version),
        Err(reason) => {
            do_without_client(&out, &reason);
            ("no", String::new())
        }
    };
    println!("cargo::rustc-env=TICKROOM_CLIENT_BUILT={built}");
    println!("cargo::rustc-env=TICKROOM_BUNDLE_VERSION={version}");
}

/// Gives the version of the bundle.
fn build_client(out: &Path) -> Result<String, Reason> {
    check_node()?;
    let lock =
        File::create(".build.lock").map_err(|error| format!("the folder cannot be written: {error}"))?;
    // Builds with other target folders share node_modules: one after the other. The lock ends with the process.
    lock.lock()
        .map_err(|error| format!("the folder cannot be locked: {error}"))?;
    if !packages_are_installed() {
        run(
            npm("npm").args(["ci", "--include=dev", "--no-audit", "--no-fund"]),
            "npm ci",
        )?;
    }
    run(
        npm("npx")
            .args(["--no-install", "vite", "build"])
            .env("TICKROOM_CLIENT_OUT", out.join("page")),
        "vite build",
    )?;
    copy_bundle(&out.join("bundle"))
        .map_err(|error| format!("socket.io-client/dist is incomplete: {error}"))?;
    bundle_version().ok_or_else(|| "socket.io-client has no version".into())
}

fn check_node() -> Result<(), Reason> {
    let (major, minor) = NODE_MIN;
    let wanted = format!("Node {major}.{minor} or newer is needed");
    let output = Command::new("node")
        .arg("--version")
        .output()
        .map_err(|error| format!("{wanted}, and `node` does not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut numbers = text
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if (major, minor) >= NODE_MIN => Ok(()),
        _ => Err(format!("{wanted}, and `node --version` says `{text}`")),
    }
}

/// npm writes its own copy of the lock last, so a copy that is newer than the lock stands for a finished install.
fn packages_are_installed() -> bool {
    let modified = |path: &str| fs::metadata(path).and_then(|metadata| metadata.modified());
    match (
        modified("node_modules/.package-lock.json"),
        modified("package-lock.json"),
    ) {
        (Ok(installed), Ok(wanted)) => installed > wanted,
        _ => false,
    }
}

/// The scripts of npm have another name on Windows.
fn npm(name: &str) -> Command {
    Command::new(if cfg!(windows) {
        format!("{name}.cmd")
    } else {
        name.to_owned()
    })
}

fn run(command: &mut Command, name: &str) -> Result<(), Reason> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`{name}` does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    for line in &lines[lines.len().saturating_sub(OUTPUT_LINES_MAX)..] {
        println!("cargo::warning={name}: {line}");
    }
    Err(format!("`{name}` failed ({})", output.status))
}

fn copy_bundle(to: &Path) -> io::Result<()> {
    make_empty(to)?;
    for name in BUNDLE_FILES {
        for name in [name.to_owned(), format!("{name}.map")] {
            fs::copy(Path::new(BUNDLE).join("dist").join(&name), to.join(&name))?;
        }
    }
    Ok(())
}

/// The value of `"version"` in the package's own description; nothing else in that file has this key.
fn bundle_version() -> Option<String> {
    let text = fs::read_to_string(Path::new(BUNDLE).join("package.json")).ok()?;
    let value = text.split_once("\"version\":")?.1;
    Some(value.split('"').nth(1)?.to_owned())
}

/// Puts the page in place that says what to do, or fails when the client is required.
fn do_without_client(out: &Path, reason: &str) {
    if std::env::var_os("TICKROOM_CLIENT").is_some_and(|value| value == "required") {
        println!(
            "cargo::error=the browser client is required (TICKROOM_CLIENT=required) and cannot be built: {reason}"
        );
        std::process::exit(1);
    }
    println!("cargo::warning=built without the browser client: {reason}. Install Node 20 and build again.");
    // A path that never exists makes cargo look again each time: installing Node changes neither a source nor PATH.
    println!("cargo::rerun-if-changed={}", out.join("no-client").display());
    write_missing_page(&out.join("page"), reason).expect("OUT_DIR can be written");
    make_empty(&out.join("bundle")).expect("OUT_DIR can be written");
}

fn write_missing_page(to: &Path, reason: &str) -> io::Result<()> {
    make_empty(to)?;
    let reason = reason.replace('&', "&amp;").replace('<', "&lt;");
    let page = fs::read_to_string("embed/missing/index.html")?.replace("{{reason}}", &reason);
    fs::write(to.join("index.html"), page)?;
    fs::copy("embed/missing/missing.css", to.join("missing.css"))?;
    fs::copy("public/favicon.svg", to.join("favicon.svg"))?;
    Ok(())
}

/// Removes what an earlier build left.
fn make_empty(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)
}
