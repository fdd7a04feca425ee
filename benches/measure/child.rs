//! A program run as a process of its own, and what it costs.
#![allow(unsafe_code, reason = "wait4 tells what one child took; the standard library has no door to it")]

use std::{
    fmt,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Nothing is waited for longer.
const PATIENCE: Duration = Duration::from_secs(600);

/// Of one process, to its end.
pub struct Cost {
    /// In seconds.
    pub wall: f64,
    /// Of user and system, in seconds.
    pub cpu: f64,
    /// The most that was resident, in megabytes.
    pub peak: f64,
    /// For how many records.
    pub records: usize,
    pub is_ended: bool,
}

impl fmt::Display for Cost {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cost { wall, cpu, peak, records, is_ended } = self;
        let each = cpu * 1000.0 / *records as f64;
        let ended = if *is_ended { "" } else { "stopped after " };
        write!(to, "{ended}{wall:.2} | {cpu:.2} | {each:.3} | {peak:.0}")
    }
}

/// Runs a program in an archive's folder and throws away what it prints.
pub fn cost(program: &str, arguments: &[&str], folder: &Path) -> Cost {
    let begun = Instant::now();
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[expect(clippy::zombie_processes, reason = "`wait4` waits for it below")]
    let child = command.spawn().unwrap_or_else(|error| panic!("{program}: {error}"));
    let id = child.id().cast_signed();
    let (mut status, mut usage) = (0, unsafe { std::mem::zeroed::<libc::rusage>() });
    let mut is_ended = true;
    while unsafe { libc::wait4(id, &raw mut status, libc::WNOHANG, &raw mut usage) } == 0 {
        if begun.elapsed() > PATIENCE && is_ended {
            is_ended = false;
            unsafe { libc::kill(id, libc::SIGKILL) };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    // Findings are status 1.
    assert!(
        !is_ended || libc::WIFEXITED(status) && libc::WEXITSTATUS(status) <= 1,
        "{program} {arguments:?} in {} failed",
        folder.display()
    );
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    let records = files(&folder.join("records")).max(1);
    Cost { wall: begun.elapsed().as_secs_f64(), cpu, peak: usage.ru_maxrss as f64 / 1024.0, records, is_ended }
}

/// How many files lie in a folder, and below.
pub fn files(folder: &Path) -> usize {
    // A site is published as a link to the folder that holds it.
    let Ok(folder) = folder.canonicalize() else { return 0 };
    walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file()).count()
}

/// Whether a program can be run.
pub fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}
