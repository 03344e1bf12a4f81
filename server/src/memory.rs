//! How much memory a process of this machine holds, as the kernel tells it.

use std::path::Path;

/// Bytes that are resident, of the process with this folder below `/proc`; `None` where the system does not tell it in this way.
pub(crate) fn resident_bytes(process: &Path) -> Option<u64> {
    let status = std::fs::read_to_string(process.join("status")).ok()?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))?;
    Some(kilobytes.parse::<u64>().ok()? * 1024)
}

/// The same of this process.
pub(crate) fn own_resident_bytes() -> Option<u64> {
    resident_bytes(Path::new("/proc/self"))
}
