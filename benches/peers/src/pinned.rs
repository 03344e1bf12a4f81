//! Processes on a core of their own, ended when they are no longer needed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, ensure};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The core of the servers, and that of the load generator.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    /// Of the servers.
    pub server: usize,
    /// Of the load generator; the same where there is no other.
    pub load: usize,
}

impl Cores {
    /// The last one and the one before; the first has the interrupts of most machines.
    pub fn choose() -> anyhow::Result<Self> {
        let allowed = sched_getaffinity(None)?;
        let mut cores = (0..CpuSet::MAX_CPU).rev().filter(|&core| allowed.is_set(core));
        let server = cores.next().context("a process runs on some core")?;
        let load = cores.next().unwrap_or(server);
        Ok(Self { server, load })
    }
}

/// A child that is ended with its owner.
pub struct Pinned {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Pinned {
    /// Starts it on that core.
    pub fn start(mut command: Command, core: usize) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let before = sched_getaffinity(None)?;
        let mut only = CpuSet::new();
        only.set(core);
        // A child inherits it from the thread that starts it.
        sched_setaffinity(None, &only)?;
        let child = command.spawn();
        sched_setaffinity(None, &before)?;
        let mut child = child.with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let stdout = child.stdout.take().context("its output is piped")?;
        Ok(Self {
            child,
            lines: BufReader::new(stdout),
        })
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        ensure!(!line.is_empty(), "it ended without a word");
        Ok(line.trim_end().to_owned())
    }

    /// Waits until it ends, and fails when it did.
    pub fn end(mut self) -> anyhow::Result<()> {
        // A child that cannot write would never end.
        std::io::copy(&mut self.lines, &mut std::io::sink())?;
        let status = self.child.wait()?;
        ensure!(status.success(), "it ended with {status}");
        Ok(())
    }
}

/// Whether a program may go before all others on its core; that takes the right to, and `chrt`.
pub fn may_hurry() -> bool {
    let mut command = hurried(Path::new("true"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The program, before all others on its core. What else a machine does there for some milliseconds, once a second, would keep
/// it from reading, and a hundredth of all messages would be late by just that.
pub fn hurried(program: &Path) -> Command {
    let mut command = Command::new("chrt");
    command.args(["--fifo", "1"]).arg(program);
    command
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
