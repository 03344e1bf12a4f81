//! What the kernel tells of another process.

use anyhow::Context;

/// CPU time of all threads of `pid`, nanoseconds.
///
/// The scheduler's own account: /proc/PID/stat counts in steps of 10 ms. A thread that ended takes its time along; servers
/// of this benchmark keep theirs.
pub fn cpu_ns(pid: u32) -> anyhow::Result<u64> {
    let mut total = 0;
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).context("the server is gone")?;
    for thread in threads {
        let path = thread?.path().join("schedstat");
        // A thread may have ended since.
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let running = text
            .split(' ')
            .next()
            .and_then(|number| number.parse::<u64>().ok());
        total += running.unwrap_or(0);
    }
    Ok(total)
}

/// Memory that `pid` holds now, bytes.
pub fn resident_bytes(pid: u32) -> anyhow::Result<u64> {
    status_bytes(pid, "VmRSS:")
}

/// The most that it ever held, bytes.
pub fn resident_bytes_max(pid: u32) -> anyhow::Result<u64> {
    status_bytes(pid, "VmHWM:")
}

fn status_bytes(pid: u32, name: &str) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).context("the server is gone")?;
    let kilobytes = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB"))
        .and_then(|number| number.trim().parse::<u64>().ok());
    Ok(kilobytes.context("the kernel tells no memory")? * 1024)
}
