//! The command line: arguments into calls of the modules above. Holds no logic; one file a command.
//! The only place that reads the clock.

mod approve;
mod argument;
mod build;
mod check;
mod columns;
mod drafts;
mod due;
mod ending;
mod explain;
mod file;
mod form;
mod init;
mod log;
mod new;
mod pending;
mod policy;
mod print;
mod register;
mod search;
mod sees;
mod serve;
mod sheet;
mod sign_archive;
mod state;
mod theme;
mod user;
mod verify;
mod who;
mod words;
mod workplace;

use argument::Command;
use std::{ffi::OsString, process::ExitCode};
use words::help_language;
use workplace::Workplace;

/// Every command, in the order of the help text: the parser, the help and the manual are made from
/// this list.
const COMMANDS: &[&Command] = &[
    &init::COMMAND,
    &new::COMMAND,
    &file::COMMAND,
    &check::COMMAND,
    &explain::COMMAND,
    &due::COMMAND,
    &policy::COMMAND,
    &form::COMMAND,
    &search::COMMAND,
    &build::COMMAND,
    &serve::COMMAND,
    &approve::COMMAND,
    &verify::COMMAND,
    &register::COMMAND,
    &user::COMMAND,
    &who::COMMAND,
    &sees::COMMAND,
    &log::COMMAND,
    &sign_archive::COMMAND,
];

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    Clean,
    /// Findings of severity error, or a verification that failed.
    Findings,
}

/// Runs `chancery` with these arguments and gives its exit status: 0 clean, 1 findings of severity
/// error, 2 could not run.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let lang = help_language(&arguments);
    let matches = match argument::program(COMMANDS, lang).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return argument::refused(&error, lang),
    };
    let called = matches.subcommand().and_then(|(name, own)| COMMANDS.iter().find(|command| command.name == name).zip(Some(own)));
    let Some((command, own)) = called else { return ExitCode::from(2) };
    let outcome = Workplace::new(own, lang).and_then(|workplace| (command.run)(&workplace, own));
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        // Whoever reads our output has had enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            print::complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// The help text of every command, for the manual.
pub fn help(lang: crate::diagnostic::Lang) -> Vec<(String, String)> {
    let mut program = argument::program(COMMANDS, lang);
    let mut pages = vec![("chancery".to_owned(), program.render_long_help().to_string())];
    for command in COMMANDS.iter().filter(|command| !command.hidden) {
        let own = program.find_subcommand_mut(command.name).expect("every command of the list is in the parser");
        pages.push((format!("chancery {}", command.name), own.render_long_help().to_string()));
    }
    pages
}
