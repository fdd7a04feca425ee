//! HTTP: the same pages for who is signed in, each through their own view. Never decides access
//! itself, never knows the time: a clock is handed in.

mod account;
mod answer;
mod api;
mod arrival;
mod ask;
mod attachment;
mod blocking;
mod calendar;
mod condition;
mod cookie;
mod desk;
mod destination;
mod door;
mod entry;
mod error;
mod front;
mod guard;
mod guest;
mod hashing;
mod inbox;
mod intranet;
mod limit;
mod live;
mod look;
mod office;
mod page_cache;
mod pages;
mod routes;
mod serving;
mod sight;
mod sign_in;
mod signed_in;
mod tls;
mod welcome;
mod whole;

pub use cookie::CookieKind;
pub use door::raise_descriptors;
pub use error::ServerError;
pub use front::{Config, ConfigError, Front};
pub use intranet::{Intranet, Parts, SigningDesk};
pub use office::{Clock, Trust};
pub use routes::{ROUTES, Route, router};
pub use serving::serve;
pub use tls::{Pem, PemReader, Tls, TlsError};
