//! Settings from a file, and where each setting in force came from.
//!
//! A file is TOML with the names of the flags: `players_max = 8`. A flag wins over the environment, the environment over
//! the file, the file over the default. What the file says is handed to the command line's own parser, so that it has the
//! same ranges and the same errors.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, bail};
use clap::ArgMatches;
use clap::parser::ValueSource;
use toml::{Table, Value};

/// Settings that are shown only as "set".
const SECRETS: [&str; 1] = ["admin_token"];

/// What a file adds to a command line.
#[derive(Debug, Default)]
pub(crate) struct FromFile {
    /// Flags with values, for the parser.
    pub(crate) words: Vec<OsString>,
    /// Names of the settings they set.
    names: BTreeSet<String>,
}

/// Reads the settings in `path` that neither a flag nor the environment sets; `known` are the names there are.
pub(crate) fn read(path: &Path, known: &BTreeSet<String>, given: &ArgMatches) -> anyhow::Result<FromFile> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let table: Table = text
        .parse()
        .with_context(|| format!("{} is not valid TOML", path.display()))?;
    let mut from_file = FromFile::default();
    for (name, value) in table {
        if !known.contains(&name) {
            bail!(
                "{} has an unknown setting '{name}'; `tickroom serve --help` lists them",
                path.display()
            );
        }
        let value = match value {
            Value::String(text) => text,
            Value::Integer(number) => number.to_string(),
            Value::Boolean(choice) => choice.to_string(),
            Value::Array(texts) if texts.iter().all(Value::is_str) => texts
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(","),
            other => bail!(
                "{}: '{name}' must be a number, a text, true or false, or a list of texts, not {}",
                path.display(),
                other.type_str()
            ),
        };
        if !is_given(given, &name) {
            from_file
                .words
                .push(format!("--{}={value}", name.replace('_', "-")).into());
            from_file.names.insert(name);
        }
    }
    Ok(from_file)
}

fn is_given(matches: &ArgMatches, name: &str) -> bool {
    matches!(
        matches.value_source(name),
        Some(ValueSource::CommandLine | ValueSource::EnvVariable)
    )
}

/// The settings in force as a file that could be read again, with the origin of each behind it.
pub(crate) fn describe(known: &BTreeSet<String>, matches: &ArgMatches, from_file: &FromFile) -> String {
    let mut text = String::new();
    for name in known {
        let origin = match matches.value_source(name) {
            _ if from_file.names.contains(name) => "file",
            Some(ValueSource::CommandLine) => "flag",
            Some(ValueSource::EnvVariable) => "environment",
            _ => "default",
        };
        let raw = matches
            .get_raw(name)
            .map(|values| values.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(","));
        let line = match raw {
            None => format!("# {name} is not set"),
            Some(_) if SECRETS.contains(&name.as_str()) => format!("# {name} is set  ({origin})"),
            Some(value) => format!("{name} = {}  # {origin}", literal(&value)),
        };
        writeln!(text, "{line}").expect("writing to a string succeeds");
    }
    text
}

fn literal(value: &str) -> String {
    let number = value.parse().map(Value::Integer).ok();
    let choice = || value.parse().map(Value::Boolean).ok();
    let literal = number.or_else(choice);
    literal
        .unwrap_or_else(|| Value::String(value.to_owned()))
        .to_string()
}
