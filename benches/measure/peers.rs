//! Others on the same texts, where they are installed: Hugo and Zola render what `build` checks,
//! renders and writes.

use super::{
    archives,
    child::{self, Cost},
};
use std::{fs, path::Path};

struct Peer {
    name: &'static str,
    /// Makes its site in a folder, of so many pages.
    make: fn(&Path, usize),
    arguments: &'static [&'static str],
}

const PEERS: [Peer; 2] =
    [Peer { name: "hugo", make: hugo, arguments: &["--quiet"] }, Peer { name: "zola", make: zola, arguments: &["build"] }];

/// Name, cost, and files written.
pub fn generators(folder: &Path, size: usize) -> Vec<(&'static str, Cost, usize)> {
    let installed = PEERS.into_iter().filter(|peer| child::is_installed(peer.name));
    let measured = installed.map(|Peer { name, make, arguments }| {
        let root = folder.join(format!("{name}-{size}"));
        make(&root, size);
        let mut cost = child::cost(name, arguments, &root);
        cost.records = size;
        (name, cost, child::files(&root.join("public")))
    });
    measured.collect()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn hugo(root: &Path, size: usize) {
    write(&root.join("hugo.toml"), "baseURL = '/'\ntitle = '试验'\nhasCJKLanguage = true\ndisableKinds = ['taxonomy', 'term', 'rss']\n");
    let page = "<!doctype html><html lang=zh><head><meta charset=utf-8><title>{{ .Title }}</title></head><body><h1>{{ .Title }}</h1>{{ .Content }}</body></html>";
    let list = "<!doctype html><html lang=zh><head><meta charset=utf-8><title>{{ .Title }}</title></head><body><ul>{{ range .Pages }}<li><a href=\"{{ .RelPermalink }}\">{{ .Title }}</a></li>{{ end }}</ul></body></html>";
    write(&root.join("layouts/_default/single.html"), page);
    write(&root.join("layouts/_default/list.html"), list);
    for (number, (id, body)) in archives::bodies(size).enumerate() {
        let text = format!("+++\ntitle = '第 {number} 号记录'\ndate = 2026-01-01\n+++\n\n{body}");
        write(&root.join(format!("content/notes/{id}.md")), &text);
    }
}

fn zola(root: &Path, size: usize) {
    write(&root.join("config.toml"), "base_url = '/'\ntitle = '试验'\ndefault_language = 'zh'\n");
    let page = "<!doctype html><html lang=zh><head><meta charset=utf-8><title>{{ page.title }}</title></head><body><h1>{{ page.title }}</h1>{{ page.content | safe }}</body></html>";
    let list = "<!doctype html><html lang=zh><head><meta charset=utf-8><title>{{ section.title }}</title></head><body><ul>{% for page in section.pages %}<li><a href=\"{{ page.permalink }}\">{{ page.title }}</a></li>{% endfor %}</ul></body></html>";
    write(&root.join("templates/page.html"), page);
    write(&root.join("templates/section.html"), list);
    write(&root.join("templates/index.html"), list);
    write(&root.join("content/notes/_index.md"), "+++\ntitle = '记录'\n+++\n");
    for (number, (id, body)) in archives::bodies(size).enumerate() {
        let text = format!("+++\ntitle = '第 {number} 号记录'\ndate = 2026-01-01\n+++\n\n{body}");
        write(&root.join(format!("content/notes/{id}.md")), &text);
    }
}
