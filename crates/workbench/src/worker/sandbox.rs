//! Confinement of the worker child on Linux: no new privileges, no files, no
//! sockets, no programs, bounded memory.
//!
//! The three layers are independent. `landlock` denies the file system,
//! `seccomp` allows only the calls that reading an open descriptor and
//! answering on an open socket need, and resource limits bound memory. A
//! kernel without one of them still has the others, and the words returned
//! tell which hold.

use std::collections::BTreeMap;

use landlock::{ABI, Access, AccessFs, Ruleset, RulesetAttr, RulesetStatus};
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

/// Address space of a worker. The largest single item that is held whole is a
/// 512 MiB archive; the rest is room for decoding it.
const ADDRESS_SPACE_BYTES: u64 = 4 << 30;

/// Confines this process and tells which layers hold.
pub fn confine() -> String {
    let limits = limit_resources();
    let files = deny_files();
    let calls = restrict_calls();
    format!("limits={limits} landlock={files} seccomp={calls}")
}

fn limit_resources() -> &'static str {
    let fixed = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    let outcome = [(Resource::As, ADDRESS_SPACE_BYTES), (Resource::Core, 0), (Resource::Fsize, 0)]
        .into_iter()
        .try_for_each(|(resource, bytes)| setrlimit(resource, fixed(bytes)));
    if outcome.is_ok() { "yes" } else { "no" }
}

/// Handles every access right and grants none.
fn deny_files() -> &'static str {
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V5))
        .and_then(|ruleset| ruleset.create())
        .and_then(|ruleset| ruleset.restrict_self());
    match status.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => "yes",
        Ok(RulesetStatus::PartiallyEnforced) => "partly",
        _ => "no",
    }
}

/// Calls outside the list answer "not permitted" instead of killing the
/// process, so that a library that tries one can still give a clear error.
fn restrict_calls() -> &'static str {
    let filter = || -> Option<BpfProgram> {
        let arch = TargetArch::try_from(std::env::consts::ARCH).ok()?;
        let mut rules: BTreeMap<i64, Vec<_>> = ALLOWED_CALLS.iter().map(|&call| (call, Vec::new())).collect();
        rules.insert(libc::SYS_clone, vec![thread_only()?]);
        rules.insert(libc::SYS_clone3, Vec::new());
        let denied = SeccompAction::Errno(libc::EPERM as u32);
        SeccompFilter::new(rules, denied, SeccompAction::Allow, arch).ok()?.try_into().ok()
    };
    match no_clone3().and_then(|()| filter()).map(|program| seccompiler::apply_filter(&program)) {
        Some(Ok(())) => "yes",
        _ => "no",
    }
}

/// Threads are started by `clone`, whose flags a filter can see; those of
/// `clone3` lie in memory. Told that there is no such call, the C library falls
/// back to `clone`.
fn no_clone3() -> Option<()> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).ok()?;
    let rules = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let absent = SeccompAction::Errno(libc::ENOSYS as u32);
    let program: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, absent, arch).ok()?.try_into().ok()?;
    seccompiler::apply_filter(&program).ok()
}

/// A new thread of this process, and nothing else that `clone` can make.
fn thread_only() -> Option<SeccompRule> {
    let thread = libc::CLONE_THREAD as u64;
    let flags = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), thread).ok()?;
    SeccompRule::new(vec![flags]).ok()
}

/// Reading and answering, memory, threads and their locks, signals for an orderly
/// panic, randomness for hash maps, the end.
const ALLOWED_CALLS: &[i64] = &[
    libc::SYS_read,
    libc::SYS_pread64,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_recvmsg,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_statx,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_tgkill,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
