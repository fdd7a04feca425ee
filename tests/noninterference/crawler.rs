//! Everything that a reader can ask for: what links and forms lead to, every route and every kind
//! of page filled with what he may know and with what he may not, and addresses that nobody means.

use crate::{
    IN_A_HUNDRED,
    archives::VERSION,
    dice::Dice,
    house::{Answer, Asked, House},
    mangled,
    pages::{self, Form},
    queries,
};
use chancery::{render, server::ROUTES};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What addresses are filled with.
#[derive(Clone, Default)]
pub struct Probes {
    /// Ids of records that are hidden in one archive or the other, and of some that are nowhere.
    pub hidden: Vec<String>,
    pub seen: Vec<String>,
    /// Attachments that the reader does not see, each with the id of a record beside it.
    pub files: Vec<(String, String)>,
}

/// Records whose pages are followed, of a reader who sees more.
const FOLLOWED: usize = 2 * IN_A_HUNDRED;
/// Ids that fill the addresses of records, and ids that fill every template.
const MANY: usize = 5 * IN_A_HUNDRED / 2;
const FEW: usize = 24;
const MANGLED: usize = 10 * IN_A_HUNDRED;
/// Addresses of every kind and status that are asked for with every header.
const OF_A_KIND: usize = 2;

/// What need not be encoded in a piece of an address (RFC 3986).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// What stands before an address in either language.
const LANGUAGES: [&str; 2] = ["", "/en"];

/// What was asked and answered, in order.
pub struct Crawl<'h> {
    house: &'h House,
    who: &'h str,
    dice: Dice,
    pub heard: Vec<(Asked, Answer)>,
    /// Links and forms of pages that lead nowhere.
    pub dead: BTreeSet<String>,
    asked: BTreeSet<Asked>,
    forms: BTreeSet<Form>,
}

impl<'h> Crawl<'h> {
    pub fn new(house: &'h House, who: &'h str) -> Crawl<'h> {
        let dice = Dice::of(&format!("crawl {who}"));
        Crawl { house, who, dice, heard: Vec::new(), dead: BTreeSet::new(), asked: BTreeSet::new(), forms: BTreeSet::new() }
    }

    /// Asks for all of it.
    pub fn everything(mut self, probes: &Probes) -> Crawl<'h> {
        self.follow(probes.seen.len());
        self.fill(probes);
        self.searches();
        self.vary_headers();
        self.mangle();
        self.send_forms(probes);
        self.look_as_another();
        self.sign_out();
        self
    }

    /// Whoever decides on access looks as somebody else does.
    fn look_as_another(&mut self) {
        self.ask(Asked::post("/view-as", "person=tian.shuisheng".to_owned()));
        for address in ["/", "/types/", "/due/", "/findings/", "/inbox/", "/api/search?q=%E7%9A%84", "/records/C-0004/", "/live"] {
            self.ask(Asked::get(address).with("x-as", "another"));
        }
        self.ask(Asked::post("/view-as", "person=".to_owned()));
    }

    fn ask(&mut self, asked: Asked) -> Option<&Answer> {
        // A new secret is another every time: what it opens is compared by itself.
        let is_secret = asked.method != "GET" && asked.address.contains("account/calendar");
        if is_secret || !self.asked.insert(asked.clone()) {
            return None;
        }
        let answer = self.house.ask(self.who, &asked)?;
        self.heard.push((asked, answer));
        self.heard.last().map(|(_, answer)| answer)
    }

    /// From the first page in either language, whatever links lead to.
    fn follow(&mut self, seen: usize) {
        let mut next = VecDeque::from(["/".to_owned(), "/en/".to_owned(), "/sign-in".to_owned(), "/inbox/".to_owned()]);
        let mut met: BTreeSet<String> = next.iter().cloned().collect();
        let share = (100 * FOLLOWED / seen.max(1)).min(100);
        while let Some(address) = next.pop_front() {
            let Some(answer) = self.ask(Asked::get(&address)).filter(|answer| answer.is_page()) else { continue };
            let (page, status) = (answer.text(), answer.status);
            if status == 404 {
                self.dead.insert(address);
            }
            self.forms.extend(pages::forms(&page));
            for link in pages::links(&page) {
                if met.insert(link.clone()) && (!link.contains("/records/") || self.dice.happens(share)) {
                    next.push_back(link);
                }
            }
        }
    }

    /// Every route, and every kind of page in either language, filled with ids and files.
    fn fill(&mut self, probes: &Probes) {
        for id in self.dice.some(&probes.hidden, MANY) {
            self.ask(Asked::get(filled("/records/{id}/", &id, "-")));
            self.ask(Asked::get(filled("/api/records/{id}", &id, "-")));
        }
        let mut few = self.dice.some(&probes.hidden, FEW);
        few.extend(self.dice.some(&probes.seen, FEW / 3));
        let files = self.dice.some(&probes.files, 3 * FEW);
        for (path, fields) in ROUTES.iter().flat_map(|route| route.paths().map(move |path| (path, route.fields))) {
            let posts = self.answers_post(&path);
            for (at, id) in few.iter().enumerate() {
                let (file, address) = (&files.get(at).map_or("a.pdf", |(_, name)| name), filled(&path, id, "a.pdf"));
                let query = form(&fields.iter().map(|field| (*field, fitting(field, id, file))).collect::<Vec<_>>());
                self.ask(Asked::get(&address));
                if !fields.is_empty() {
                    self.ask(Asked::get(format!("{address}?{query}")));
                }
                // A password takes long to look at.
                let every = if fields.contains(&"password") || fields.contains(&"new") { 12 } else { 3 };
                if posts && at % every == 0 && !ends_session(&path) {
                    self.ask(Asked::post(&address, query));
                }
            }
        }
        let templates = render::templates().chain(["/records/{id}/history/", "/records/{id}", "/zh/records/{id}/", "/calendar/{id}.ics"]);
        for (template, language) in templates.flat_map(|template| LANGUAGES.map(|language| (template, language))) {
            let fills: BTreeSet<String> = few.iter().map(|id| filled(template, id, "a.pdf")).collect();
            for address in fills {
                self.ask(Asked::get(format!("{language}{address}")));
            }
        }
        for (id, name) in &files {
            let address = filled("/records/{id}/files/{name}", id, name);
            self.ask(Asked::get(&address));
            self.ask(Asked::get(format!("/en{address}")));
        }
    }

    fn answers_post(&mut self, path: &str) -> bool {
        let asked = Asked::post(filled(path, "nobody", "a.pdf"), String::new());
        ends_session(path) || self.ask(asked).is_some_and(|answer| answer.status != 405)
    }

    fn searches(&mut self) {
        let queries = queries::some(self.who);
        for (at, query) in queries.iter().enumerate() {
            let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
            self.ask(Asked::get(format!("/api/search?q={query}&limit={}", if at % 5 == 0 { 100 } else { 20 })));
            if at % 25 == 0 {
                self.ask(Asked::get(format!("/search/?q={query}")));
                self.ask(Asked::get(format!("/en/search/?q={query}&page=2")));
            }
        }
    }

    /// Addresses that were asked for, mangled.
    fn mangle(&mut self) {
        let known: Vec<String> = self.heard.iter().map(|(asked, _)| asked.address.clone()).collect();
        let mut sent = 0;
        while sent < MANGLED {
            let real = self.dice.pick(&known).as_str();
            let address = mangled::address(real, &mut self.dice);
            let method = *self.dice.pick(&["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);
            sent += usize::from(!ends_session(&address) && self.ask(Asked::get(address).by(method)).is_some());
        }
    }

    /// Some addresses of every status and kind, by other methods and with headers that might make a
    /// difference.
    fn vary_headers(&mut self) {
        let mut kinds: BTreeMap<String, Vec<(Asked, Option<String>)>> = BTreeMap::new();
        for (asked, answer) in self.heard.iter().filter(|(asked, _)| asked.method == "GET") {
            let etag = answer.header("etag").map(str::to_owned);
            kinds.entry(format!("{} {}", kind_of(&asked.address), answer.status)).or_default().push((asked.clone(), etag));
        }
        for (asked, etag) in kinds.into_values().flat_map(|kind| self.dice.some(&kind, OF_A_KIND)).collect::<Vec<_>>() {
            let zipped = asked.with("accept-encoding", "gzip");
            let mut variants = vec![
                asked.by("HEAD"),
                asked.by("POST"),
                zipped.by("HEAD"),
                asked.with("if-none-match", "*"),
                asked.with("if-none-match", "\"x\""),
                asked.with("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT"),
                asked.with("if-modified-since", "Sat, 01 Jan 2000 00:00:00 GMT"),
                asked.with("range", "bytes=0-10"),
                asked.with("accept-language", "en"),
                zipped,
            ];
            if let Some(etag) = etag {
                variants.push(asked.with("if-none-match", &etag));
                variants.push(asked.with("if-match", &etag));
                variants.push(asked.by("HEAD").with("if-none-match", etag).with("accept-encoding", "gzip"));
            }
            variants.retain(|variant| variant.method != "POST" || !ends_session(&variant.address));
            for variant in variants {
                self.ask(variant);
            }
        }
    }

    /// The forms that pages hold, with what they hold, with hidden ids, and with harmless words.
    fn send_forms(&mut self, probes: &Probes) {
        for found in std::mem::take(&mut self.forms) {
            for id in self.dice.some(&probes.hidden, 4) {
                let fill = |(name, value): &(String, String)| {
                    let value = if value.is_empty() || name == "id" { fitting(name, &id, "a.pdf") } else { value.clone() };
                    (name.clone(), value)
                };
                let filled = form(&found.fields.iter().map(fill).collect::<Vec<_>>());
                if !found.posts {
                    self.ask(Asked::get(format!("{}?{filled}", found.action)));
                } else if !ends_session(&found.action) {
                    self.ask(Asked::post(&found.action, filled));
                }
            }
            if found.posts {
                let as_it_is = form(&found.fields);
                if !ends_session(&found.action)
                    && self.ask(Asked::post(&found.action, as_it_is)).is_some_and(|answer| [404, 405].contains(&answer.status))
                {
                    self.dead.insert(found.action);
                }
            }
        }
    }

    /// The last thing.
    fn sign_out(&mut self) {
        self.ask(Asked::post("/sign-out", String::new()));
        self.ask(Asked::get("/types/").with("x-again", "1"));
    }
}

pub fn ends_session(address: &str) -> bool {
    address.contains("sign-out")
}

/// A route or a kind of page, its places filled.
pub fn filled(template: &str, id: &str, file: &str) -> String {
    let pieces = template.split('/').map(|piece| match piece.find('{') {
        None => piece.to_owned(),
        Some(at) => {
            let end = piece.find('}').unwrap();
            let value = match piece[at + 1..end].trim_start_matches('*') {
                "name" => file,
                "number" => "2",
                "day" => VERSION,
                _ => id,
            };
            format!("{}{}{}", &piece[..at], utf8_percent_encode(value, SEGMENT), &piece[end + 1..])
        }
    });
    pieces.collect::<Vec<_>>().join("/")
}

/// What a field of a form might hold.
fn fitting(field: &str, id: &str, file: &str) -> String {
    match field {
        "name" | "user" => format!("{id} {file}"),
        "password" | "current" => "guess".to_owned(),
        "new" | "again" => "die Pumpe läuft seit gestern 7".to_owned(),
        "next" => "/types/".to_owned(),
        "from" | "since" => "2026-11-17".to_owned(),
        "until" => "2026-12-31".to_owned(),
        "purpose" | "reason" | "note" => "核对 for comparison".to_owned(),
        "offset" | "page" | "limit" => "2".to_owned(),
        "action" => "approve".to_owned(),
        "ask" => "1".to_owned(),
        "back" => "/inbox/".to_owned(),
        _ => id.to_owned(),
    }
}

pub fn form<N: AsRef<str>>(fields: &[(N, String)]) -> String {
    let pair = |(name, value): &(N, String)| format!("{}={}", name.as_ref(), utf8_percent_encode(value, NON_ALPHANUMERIC));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The kind of page that an address leads to: its first piece, and how many there are.
fn kind_of(address: &str) -> String {
    let path = address.split('?').next().unwrap();
    let pieces: Vec<&str> = path.trim_start_matches("/en").split('/').collect();
    format!("{} {}", pieces.get(1).copied().unwrap_or_default(), pieces.len())
}
