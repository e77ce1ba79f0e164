//! How much memory a process has had, as the kernel counts it, and how little of it lies idle.

/// Lets threads share the heaps of the GNU C library: one for each core, two at least, where it
/// would make eight for each core. The engine allocates in one thread and frees in another, and
/// what is freed in one heap serves no other: over a million mails nearly half of the memory lay
/// idle (docs/decisions/0007). Elsewhere nothing is done.
#[allow(unsafe_code, reason = "mallopt has no safe form; it takes two numbers and is called before there are threads")]
pub fn share_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let heaps = i32::try_from(cores.max(2)).unwrap_or(i32::MAX);
        // SAFETY: mallopt reads its two arguments and nothing else; no other thread runs yet.
        unsafe { libc::mallopt(libc::M_ARENA_MAX, heaps) };
    }
}

/// Peak resident set of a process (this one for `None`) in bytes; `None` where
/// the system does not tell.
pub fn peak_of(pid: Option<u32>) -> Option<u64> {
    let process = pid.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}
