//! What the kernel of this machine tells of the server's process.

use std::path::Path;

use anyhow::Context;

use crate::memory::resident_bytes;

/// What a process has used so far, or between two moments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Usage {
    /// Of all its threads.
    pub(super) cpu_ns: u64,
    /// Memory that it holds at the later moment.
    pub(super) resident_bytes: u64,
}

impl Usage {
    /// So far.
    pub(super) fn now(process: u32) -> anyhow::Result<Self> {
        Self::read(&Path::new("/proc").join(process.to_string())).with_context(|| {
            format!("nothing is known of process {process}; --pid wants one of this machine")
        })
    }

    fn read(process: &Path) -> anyhow::Result<Self> {
        let mut cpu_ns = 0;
        // The scheduler's account: the usual one counts in steps of 10 ms.
        for thread in std::fs::read_dir(process.join("task"))? {
            // A thread may have ended since.
            let text = std::fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            let running = text
                .split(' ')
                .next()
                .and_then(|number| number.parse::<u64>().ok());
            cpu_ns += running.unwrap_or(0);
        }
        Ok(Self {
            cpu_ns,
            resident_bytes: resident_bytes(process).context("the kernel tells no memory")?,
        })
    }

    /// What lies between `before` and this.
    pub(super) fn since(&self, before: &Self) -> Self {
        Self {
            // Threads that ended take their time along.
            cpu_ns: self.cpu_ns.saturating_sub(before.cpu_ns),
            ..*self
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_uses_time_and_memory_and_one_that_is_gone_is_an_error() {
        let before = Usage::now(std::process::id()).expect("this process is there");
        let mut work = 1_u64;
        while Usage::now(std::process::id())
            .expect("it still is")
            .since(&before)
            .cpu_ns
            == 0
        {
            work = std::hint::black_box(work.wrapping_mul(31));
        }
        assert!(before.resident_bytes > 0);
        let error = Usage::now(u32::MAX).expect_err("there is no such process");
        assert!(error.to_string().contains("--pid"));
    }
}
