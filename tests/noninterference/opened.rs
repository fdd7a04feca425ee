//! That everything there is can be reached: otherwise the comparison would compare refusals.

use crate::{
    archives::BASE,
    crawler::{filled, form},
    house::{Answer, Asked, House},
    readers,
};
use chancery::{render, server::ROUTES};

/// Routes that are there to refuse, so that an address which is nearly a key does not get into the
/// access log.
const REFUSING: [&str; 5] = ["/welcome/", "/zh/welcome/", "/en/welcome/", "/zh/calendar/{*name}", "/en/calendar/{*name}"];

/// Every route answers one reader at least by every method that it takes, and every kind of page
/// opens to one.
pub fn check() {
    let house = House::open(&BASE.office);
    let paths = ROUTES.iter().flat_map(|route| route.paths().map(move |path| (path, route.fields)));
    let closed: Vec<String> = paths.flat_map(|(path, fields)| refused(&house, &path, fields)).collect();
    assert_eq!(closed, REFUSING.map(|path| format!("GET {path}")), "nobody else is refused by all means");
    let pages = render::templates().filter(|template| !opens(&house, template, |answer| answer.status == 200));
    assert_eq!(pages.collect::<Vec<_>>(), Vec::<&str>::new(), "nobody sees these");
}

/// The methods by which nobody is answered, though the route takes them.
fn refused(house: &House, path: &str, fields: &[&str]) -> Vec<String> {
    let takes = |method: &'static str| {
        let address = filled(path, "nobody", "a.pdf");
        let answer = house.ask(readers::OWNER.id, &Asked::get(address).by(method)).unwrap();
        house.forget(readers::OWNER.id);
        answer.status != 405
    };
    let mut refused = Vec::new();
    if takes("GET") && !opens(house, path, Answer::succeeded) {
        refused.push(format!("GET {path}"));
    }
    if takes("POST") && !accepts(house, path, fields) {
        refused.push(format!("POST {path}"));
    }
    refused
}

fn opens(house: &House, path: &str, well: impl Fn(&Answer) -> bool) -> bool {
    readers::ALL.iter().any(|asking| {
        let view = BASE.office.view(asking.reader());
        let attached = view.records().find_map(|seen| seen.attachments().first().map(|name| (seen.id().to_string(), (*name).to_owned())));
        let (id, name) = attached.unwrap_or_else(|| (asking.id.to_owned(), "a.pdf".to_owned()));
        let calendar = format!("{}.ics", house.calendar(asking.id));
        let ids = [id.as_str(), asking.id, "market-information", "visit-plan", "person", "types/", &house.invitation(asking.id)];
        let home = house.ask(asking.id, &Asked::get("/")).unwrap().text();
        let asset = home.split("/assets/").nth(1).map(|rest| &rest[..rest.find(['"', '?']).unwrap()]).unwrap();
        let fills = ids.map(|id| (id, name.as_str())).into_iter().chain([(asking.id, asset), (asking.id, calendar.as_str())]);
        fills.into_iter().any(|(id, file)| {
            let address = filled(path, id, file).replace("%2F", "/");
            house.ask(asking.id, &Asked::get(address)).is_some_and(|answer| well(&answer))
        })
    })
}

fn accepts(house: &House, path: &str, fields: &[&str]) -> bool {
    let customer = BASE.office.archive.records.iter().find(|record| record.id.0.starts_with("C-")).map_or("-", |record| &*record.id.0);
    readers::ALL.iter().any(|asking| {
        let fill = |field: &&str| {
            let value = match *field {
                "password" | "current" => "demo",
                "new" | "again" => "die Pumpe läuft seit gestern 7",
                "until" => "2026-12-31",
                "next" => "/types/",
                "action" => "refuse",
                "ask" => "1",
                "id" => customer,
                "purpose" => "核对",
                _ => asking.id,
            };
            (field.to_string(), value.to_owned())
        };
        let fields: Vec<_> = fields.iter().map(fill).collect();
        let address = filled(path, &house.invitation(asking.id), "a.pdf");
        let answer = house.ask(asking.id, &Asked::post(address, form(&fields)));
        house.forget(asking.id);
        answer.is_some_and(|answer| answer.succeeded())
    })
}
