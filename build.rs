//! Makes the table by which `search::fold` reads Traditional characters as Simplified ones.

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use std::{env, fs, path::Path};

/// Pairs that the dictionary, which looks at words, leaves alone as single characters.
const MISSED: [(char, char); 4] = [('瞭', '了'), ('著', '着'), ('帳', '账'), ('囯', '国')];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let converter = OpenCC::from_config(BuiltinConfig::T2s).expect("the dictionary is built into the crate");
    let planes = ('\u{3400}'..='\u{9fff}').chain('\u{f900}'..='\u{faff}');
    let mut table = String::from("[\n");
    for traditional in planes {
        let missed = MISSED.iter().find(|(from, _)| *from == traditional).map(|(_, to)| *to);
        let converted = converter.convert(&traditional.to_string());
        let mut characters = converted.chars();
        // Only one character for one: offsets must stay reckonable.
        let single = characters.next().filter(|_| characters.next().is_none());
        if let Some(simplified) = missed.or(single).filter(|simplified| *simplified != traditional) {
            table.push_str(&format!("({traditional:?}, {simplified:?}),\n"));
        }
    }
    table.push(']');
    let out = env::var("OUT_DIR").expect("cargo names the folder for a build script's output");
    fs::write(Path::new(&out).join("simplified.rs"), table).expect("the build's own folder can be written");
}
