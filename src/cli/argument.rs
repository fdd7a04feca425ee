//! Commands and their arguments as data, and the parser made from them.

use super::{Outcome, Workplace, print, words::say};
use crate::diagnostic::Lang;
use clap::{
    Arg, ArgAction, ArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
};
use std::process::ExitCode;

/// A command: its name, what it is for in both languages, its arguments, and what it calls.
pub(super) struct Command {
    pub name: &'static str,
    pub about: [&'static str; 2],
    pub arguments: &'static [Argument],
    /// For developers: not in the help.
    pub hidden: bool,
    pub run: fn(&Workplace, &ArgMatches) -> anyhow::Result<Outcome>,
}

pub(super) struct Argument {
    pub name: &'static str,
    pub about: [&'static str; 2],
    pub kind: Kind,
}

/// The form of an argument; the text is what stands for its value in the help.
pub(super) enum Kind {
    Needed(&'static str),
    Maybe(&'static str),
    Many(&'static str),
    /// One at least.
    Several(&'static str),
    Option(&'static str),
    NeededOption(&'static str),
    Choice(&'static [&'static str]),
    /// A first word that says what to do.
    Verb(&'static [&'static str]),
    Flag,
}

/// The form of a list.
pub(super) const FORMAT: Argument = Argument {
    name: "format",
    about: ["输出形式：text 文本，json 每行一个对象", "form of the output: text, json (an object a line)"],
    kind: Kind::Choice(&["text", "json"]),
};

/// Whether JSON was asked for with [`FORMAT`].
pub(super) fn json(arguments: &ArgMatches) -> bool {
    arguments.get_one::<String>("format").is_some_and(|format| format == "json")
}

/// Where what is no document is kept.
pub(super) const STATE: Argument = Argument {
    name: "state",
    about: [
        "状态文件夹：账户、会话、查阅记录和密钥（默认：档案库中的 .chancery）",
        "the folder of state: accounts, sessions, the access log and keys (default: .chancery in the archive)",
    ],
    kind: Kind::Option("DIR"),
};

/// The heading of options in a help text.
const OPTIONS: [&str; 2] = ["选项", "Options"];

/// Arguments of every command.
const COMMON: [Argument; 3] = [
    Argument {
        name: "archive",
        about: [
            "档案库所在文件夹（默认：当前文件夹或其上级中含 chancery.yaml 者）",
            "the archive's folder (default: this folder or the nearest above it with a chancery.yaml)",
        ],
        kind: Kind::Option("DIR"),
    },
    Argument {
        name: "on", about: ["以这一天为今天，如 2026-03-01", "take this day as today, as 2026-03-01"], kind: Kind::Option("DATE")
    },
    Argument {
        name: "lang", about: ["语言：zh 中文，en 英文", "language: zh Chinese, en English"], kind: Kind::Choice(&["zh", "en"])
    },
];

impl Argument {
    fn clap(&self, lang: Lang) -> Arg {
        let positional = matches!(self.kind, Kind::Needed(_) | Kind::Maybe(_) | Kind::Many(_) | Kind::Several(_) | Kind::Verb(_));
        let heading = if positional { ["参数", "Arguments"] } else { OPTIONS };
        let arg = Arg::new(self.name).help(say(self.about, lang)).help_heading(say(heading, lang));
        match self.kind {
            Kind::Needed(value) => arg.value_name(value).required(true),
            Kind::Maybe(value) => arg.value_name(value),
            Kind::Many(value) => arg.value_name(value).num_args(0..),
            Kind::Several(value) => arg.value_name(value).num_args(1..).required(true),
            Kind::Option(value) => arg.long(self.name).value_name(value),
            Kind::NeededOption(value) => arg.long(self.name).value_name(value).required(true),
            Kind::Choice(values) => {
                arg.long(self.name).value_name(values.join("|")).value_parser(values.to_vec()).hide_possible_values(true)
            }
            Kind::Verb(values) => arg.value_name(values.join("|")).value_parser(values.to_vec()).required(true).hide_possible_values(true),
            Kind::Flag => arg.long(self.name).action(ArgAction::SetTrue),
        }
    }
}

/// The parser of the whole command line.
pub(super) fn program(commands: &[&Command], lang: Lang) -> clap::Command {
    let about = [
        "档案室：以制度核对档案，检索，并按权限发布到内网",
        "A records office: checks records against policies, searches them, and publishes them to those who may read them",
    ];
    let program = frame(clap::Command::new("chancery"), lang).about(say(about, lang)).version(env!("CARGO_PKG_VERSION"));
    let program = program
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommand_help_heading(say(["命令", "Commands"], lang))
        .subcommand_value_name(say(["命令", "COMMAND"], lang));
    let version = Arg::new("version")
        .long("version")
        .short('V')
        .help(say(["版本", "the version"], lang))
        .action(ArgAction::Version)
        .help_heading(say(OPTIONS, lang));
    program.disable_version_flag(true).arg(version).subcommands(commands.iter().map(|command| subcommand(command, lang)))
}

fn subcommand(command: &Command, lang: Lang) -> clap::Command {
    let own = frame(clap::Command::new(command.name), lang).about(say(command.about, lang)).hide(command.hidden);
    own.args(command.arguments.iter().chain(&COMMON).map(|argument| argument.clap(lang)))
}

/// What every help text has, in a language.
fn frame(command: clap::Command, lang: Lang) -> clap::Command {
    let template = say(["{about}\n\n用法：{usage}\n\n{all-args}", "{about}\n\nUsage: {usage}\n\n{all-args}"], lang);
    let help = Arg::new("help").long("help").short('h').help(say(["显示这段说明", "this help"], lang)).action(ArgAction::Help);
    command.help_template(template).disable_help_flag(true).arg(help.help_heading(say(OPTIONS, lang)))
}

/// Prints what was asked for (help, version), or why the arguments cannot be taken.
pub(super) fn refused(error: &clap::Error, lang: Lang) -> ExitCode {
    if !error.use_stderr() {
        let _nowhere_left_to_say_it = error.print();
        return ExitCode::SUCCESS;
    }
    let context = |kind| error.get(kind).map(shown).unwrap_or_default();
    let (argument, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
    let message = match error.kind() {
        ErrorKind::UnknownArgument => [format!("没有参数 {argument}"), format!("there is no argument {argument}")],
        ErrorKind::InvalidSubcommand => {
            let command = context(ContextKind::InvalidSubcommand);
            [format!("没有命令 {command}"), format!("there is no command {command}")]
        }
        ErrorKind::MissingRequiredArgument => [format!("缺少参数 {argument}"), format!("the argument {argument} is missing")],
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ["请写明命令".to_owned(), "name a command".to_owned()]
        }
        ErrorKind::InvalidValue if value.is_empty() => [format!("参数 {argument} 缺少值"), format!("the argument {argument} has no value")],
        ErrorKind::InvalidValue => [format!("参数 {argument} 不能取值 {value}"), format!("the argument {argument} cannot be {value}")],
        ErrorKind::ArgumentConflict => [format!("参数 {argument} 只能写一次"), format!("the argument {argument} stands twice")],
        _ => ["参数无法识读".to_owned(), "the arguments cannot be read".to_owned()],
    };
    let hint =
        [context(ContextKind::SuggestedArg), context(ContextKind::SuggestedSubcommand), context(ContextKind::SuggestedValue)].concat();
    let hint =
        if hint.is_empty() { hint } else { say([&format!("，是不是 {hint}？"), &format!("; did you mean {hint}?")], lang).to_owned() };
    let [zh, en] = message.map(|message| message + &hint + "\n");
    let see = ["用 chancery --help 查看全部命令", "chancery --help lists all commands"];
    print::complain_in(lang, [&(zh + see[0]), &(en + see[1])]);
    ExitCode::from(2)
}

fn shown(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(" "),
        other => other.to_string(),
    }
}
