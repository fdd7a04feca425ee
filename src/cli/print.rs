//! The one writer for the terminal. What somebody wrote into a record is shown there, and never
//! obeyed: an escape sequence could clear the screen, rename the window or put words before a
//! person's eyes that nobody wrote. `tests/arrows` sees to it that no command writes past it.

use super::words::say;
use crate::diagnostic::{
    Lang,
    text::{Colour, visible},
};
use std::{
    fmt::Write as _,
    io::{self, BufRead, BufWriter, IsTerminal, StdoutLock, Write},
};

/// Whom the output is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Lines for people: what cannot be seen, or would move the cursor, is written out.
    Words,
    /// JSON for programs: the same characters by their escapes, so that it stays what it was.
    Data,
}

/// Standard output, written line by line.
pub(super) struct Output {
    form: Form,
    line: Vec<u8>,
    out: BufWriter<StdoutLock<'static>>,
}

/// Output for people.
pub(super) fn words() -> Output {
    Output::new(Form::Words)
}

/// Output in JSON where `lines` of it were asked for, else for people.
pub(super) fn words_or_data(lines: bool) -> Output {
    Output::new(if lines { Form::Data } else { Form::Words })
}

/// Whether what is printed goes to somebody who sees colours.
pub(super) fn colour() -> Colour {
    if shows_colours(&io::stdout()) { Colour::Ansi } else { Colour::Plain }
}

/// A terminal does, where nobody has said NO_COLOR (no-color.org); a file and a pipe keep what they
/// are given.
fn shows_colours(to: &impl IsTerminal) -> bool {
    to.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|said| said.is_empty())
}

/// Lets the server's log go to standard error. It makes visible itself what a terminal would obey.
pub(super) fn begin_log() {
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(shows_colours(&io::stderr())).with_target(false).init();
}

/// Tells on standard error why a command ends, or what it leaves out.
pub(super) fn complain(lines: &str) {
    let _nowhere_left_to_say_it = writeln!(io::stderr(), "chancery: {}", lines.split('\n').map(visible).collect::<Vec<_>>().join("\n"));
}

/// Whether somebody sits at a terminal who can be asked.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks whoever sits at the terminal for a line; nothing where there is nobody any more.
///
/// # Errors
/// Where the terminal cannot be read or written.
pub(super) fn ask_for(question: &str) -> io::Result<Option<String>> {
    write!(io::stderr(), "{}", visible(question))?;
    let mut answer = String::new();
    let is_there = io::stdin().lock().read_line(&mut answer)? > 0;
    Ok(is_there.then(|| answer.trim().to_owned()))
}

/// Asks whoever sits at the terminal: what is neither yes nor no is asked again, and nothing at all
/// is the answer given. Whoever has gone has not agreed.
///
/// # Errors
/// Where the terminal cannot be read or written.
pub(super) fn ask(question: &str, otherwise: bool) -> io::Result<bool> {
    loop {
        let Some(answer) = ask_for(question)? else { return Ok(false) };
        match answer.to_lowercase().as_str() {
            "" => return Ok(otherwise),
            "y" | "yes" | "是" | "好" => return Ok(true),
            "n" | "no" | "否" | "不" => return Ok(false),
            _ => {}
        }
    }
}

/// The same in one of two languages.
pub(super) fn complain_in(lang: Lang, lines: [&str; 2]) {
    complain(say(lines, lang));
}

impl Output {
    fn new(form: Form) -> Output {
        Output { form, line: Vec::new(), out: BufWriter::new(io::stdout().lock()) }
    }

    /// Standard output itself, for what has seen to all this: the layout of findings, which has
    /// colours, and a calendar, which has no control characters.
    ///
    /// # Errors
    /// Where what was written before cannot be.
    pub fn finished(&mut self) -> io::Result<&mut impl Write> {
        self.end_line()?;
        Ok(&mut self.out)
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = String::from_utf8_lossy(&self.line);
        let shown = if self.form == Form::Data { escaped(&line) } else { visible(&line) };
        self.line.clear();
        self.out.write_all(shown.as_bytes())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let ended = piece.strip_suffix(b"\n");
            self.line.extend_from_slice(ended.unwrap_or(piece));
            if ended.is_some() {
                self.end_line()?;
                self.out.write_all(b"\n")?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.end_line()?;
        self.out.flush()
    }
}

/// A line of JSON with what cannot be seen as `\u…`: it can stand in its strings alone, and means
/// the same there (RFC 8259, 7).
fn escaped(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            // Between the values of a larger whole.
            '\t' => escaped.push(c),
            c if visible(c.encode_utf8(&mut [0; 4])).starts_with("<U+") => {
                c.encode_utf16(&mut [0; 2])
                    .iter()
                    .for_each(|unit| write!(escaped, "\\u{unit:04x}").expect("a text takes what is written to it"));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_with_what_cannot_be_seen_escaped() {
        let written = serde_json::json!({ "title": "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}b\u{200b}\u{e0041} 甲\n\t" });
        let line = escaped(&written.to_string());
        assert!(line.chars().all(|c| !c.is_control()) && line.contains(r"\u009b31m\u007f\u202eb\u200b\udb40\udc41 甲"), "{line}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), written);
    }
}
