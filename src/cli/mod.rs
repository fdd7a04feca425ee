//! The command line: arguments into calls of the modules above. Holds no logic; one file a command.

use std::{ffi::OsString, process::ExitCode};

/// Runs `chancery` with these arguments and gives its exit status: 0 clean, 1 findings of severity error, 2 could not run.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let _ = arguments;
    todo!()
}
