//! How many connections are held, in all and from one address, and which of them makes room for a
//! new one. Never looks at what is asked.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::SockRef;
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv6Addr, Shutdown, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::net::TcpStream;

/// Files that may be open besides connections and attachments: the archive while it is read, the
/// store, the log and its readers.
const RESERVE: usize = 96;
/// More connections are never held, whatever the system allows.
const MOST: usize = 4096;
/// Of all connections and all attachments, as many are one address's or one half: several people
/// may sit behind an address.
const SHARE: usize = 4;
/// Connections that were told to end and have not yet.
const ENDING: usize = 16;

/// Raises how many files this process may have open to what the system allows it.
pub fn raise_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    // Where it may not, it goes on with what it has: the bounds are made from that.
    let _as_it_was = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// Connections and attachments that may be open at once, by what the system allows.
pub(super) struct OpenAtOnce {
    pub connections: usize,
    pub attachments: usize,
}

impl OpenAtOnce {
    pub(super) fn found() -> OpenAtOnce {
        OpenAtOnce::of(getrlimit(Resource::Nofile).current.map_or(usize::MAX, |files| files.try_into().unwrap_or(usize::MAX)))
    }

    fn of(files: usize) -> OpenAtOnce {
        let free = files.saturating_sub(RESERVE).clamp(SHARE, MOST + MOST / SHARE);
        let attachments = free / (SHARE + 1);
        OpenAtOnce { connections: free - attachments, attachments: attachments.max(1) }
    }
}

/// The connections that are open.
pub(super) struct Door {
    most: usize,
    seats: Mutex<HashMap<SocketAddr, Seat>>,
    /// Counts what has moved on any connection: the smaller a seat's number, the longer has nothing
    /// come or gone there.
    moves: AtomicU64,
}

struct Seat {
    stream: Arc<TcpStream>,
    /// Nothing for a proxy, behind which everybody may sit.
    network: Option<IpAddr>,
    moved: Arc<AtomicU64>,
    /// Somebody who is signed in has asked here.
    is_known: bool,
    /// Requests that came whole and wait for our answer.
    under_way: usize,
    is_ending: bool,
}

impl Door {
    pub(super) fn new(most: usize) -> Door {
        Door { most, seats: Mutex::default(), moves: AtomicU64::new(0) }
    }

    /// Takes a connection in. Where there are too many from its address, or in all, the one on
    /// which nothing has moved for longest is ended.
    ///
    /// # Errors
    /// Where none makes room: at every one somebody waits for our answer.
    pub(super) fn let_in(self: &Arc<Door>, stream: TcpStream, is_proxy: bool) -> io::Result<Held> {
        let peer = stream.peer_addr()?;
        let network = (!is_proxy).then(|| network(peer.ip()));
        let (stream, moved) = (Arc::new(stream), Arc::new(AtomicU64::new(self.moves.fetch_add(1, Ordering::Relaxed))));
        let seat = Seat { stream: stream.clone(), network, moved: moved.clone(), is_known: false, under_way: 0, is_ending: false };
        let mut seats = self.seats();
        let held = |is_one: &dyn Fn(&Seat) -> bool| seats.values().filter(|seat| !seat.is_ending && is_one(seat)).count();
        let of_one = |seat: &Seat| seat.network == network;
        let admitted = if network.is_some() && held(&of_one) >= self.most.div_ceil(SHARE) {
            make_room(&mut seats, &of_one)
        } else {
            held(&|_| true) < self.most || make_room(&mut seats, &|_| true)
        };
        if !admitted || seats.len() >= self.most + ENDING {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        seats.insert(peer, seat);
        drop(seats);
        Ok(Held { door: self.clone(), stream, peer, moved })
    }

    /// Who asks here is signed in: strangers make room before.
    pub(super) fn knows(&self, peer: SocketAddr) {
        if let Some(seat) = self.seats().get_mut(&peer) {
            seat.is_known = true;
        }
    }

    /// A request has come whole: as long as this is held, its connection makes room for nobody.
    pub(super) fn under_way(self: &Arc<Door>, peer: SocketAddr) -> UnderWay {
        self.count(peer, 1);
        UnderWay { door: self.clone(), peer }
    }

    fn count(&self, peer: SocketAddr, more: isize) {
        if let Some(seat) = self.seats().get_mut(&peer) {
            seat.under_way = seat.under_way.saturating_add_signed(more);
        }
    }

    fn seats(&self) -> MutexGuard<'_, HashMap<SocketAddr, Seat>> {
        self.seats.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Ends one of these connections: a stranger's before one of somebody known, and of those the one
/// on which nothing has moved for longest.
fn make_room(seats: &mut HashMap<SocketAddr, Seat>, is_one: &dyn Fn(&Seat) -> bool) -> bool {
    let idle = seats.values_mut().filter(|seat| !seat.is_ending && seat.under_way == 0 && is_one(seat));
    let Some(seat) = idle.min_by_key(|seat| (seat.is_known, seat.moved.load(Ordering::Relaxed))) else { return false };
    seat.is_ending = true;
    // It may have ended by itself just now.
    let _gone_already = SockRef::from(&*seat.stream).shutdown(Shutdown::Both);
    true
}

/// What counts as one address: of IPv6 the network of 64 bits, for whoever has one has all of its
/// addresses (RFC 6177).
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

/// A seat that is held, and given back at the end.
pub(super) struct Held {
    door: Arc<Door>,
    stream: Arc<TcpStream>,
    peer: SocketAddr,
    moved: Arc<AtomicU64>,
}

impl Held {
    /// The connection that holds it.
    pub(super) fn stream(&self) -> &Arc<TcpStream> {
        &self.stream
    }

    /// Something has come or gone.
    pub(super) fn moves(&self) {
        self.moved.store(self.door.moves.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut seats = self.door.seats();
        // Another connection may have come from there since ours was closed.
        if seats.get(&self.peer).is_some_and(|seat| Arc::ptr_eq(&seat.moved, &self.moved)) {
            seats.remove(&self.peer);
        }
    }
}

pub(super) struct UnderWay {
    door: Arc<Door>,
    peer: SocketAddr,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.door.count(self.peer, -1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream as Client};

    #[test]
    fn a_reserve_is_kept_of_what_the_system_allows() {
        for files in [256, 1024, 20_000, usize::MAX] {
            let OpenAtOnce { connections, attachments } = OpenAtOnce::of(files);
            assert!(connections + attachments + RESERVE <= files && connections >= 128 && attachments >= 32, "{files}");
        }
        assert!(OpenAtOnce::of(usize::MAX).connections <= MOST && OpenAtOnce::of(0).connections > 0);
    }

    #[test]
    fn of_ipv6_the_network_counts() {
        let network = |address: &str| network(address.parse().unwrap()).to_string();
        assert_eq!((network("2001:db8:0:7:a:b:c:d"), network("2001:db8:0:8::1")), ("2001:db8:0:7::".into(), "2001:db8:0:8::".into()));
        assert_eq!((network("203.0.113.9"), network("::ffff:203.0.113.9")), ("203.0.113.9".into(), "203.0.113.9".into()));
    }

    /// A door, and a way to come in by it: from the client's end, its address and ours.
    struct Street {
        door: Arc<Door>,
        listener: TcpListener,
        is_proxy: bool,
    }

    impl Street {
        fn new(most: usize, is_proxy: bool) -> Street {
            Street { door: Arc::new(Door::new(most)), listener: TcpListener::bind("127.0.0.1:0").unwrap(), is_proxy }
        }

        fn come(&self) -> io::Result<(Held, SocketAddr, Client)> {
            let client = Client::connect(self.listener.local_addr().unwrap()).unwrap();
            let (stream, peer) = self.listener.accept().unwrap();
            stream.set_nonblocking(true).unwrap();
            let guest = self.door.let_in(TcpStream::from_std(stream).unwrap(), self.is_proxy)?;
            Ok((guest, peer, client))
        }

        fn is_ending(&self, peer: SocketAddr) -> bool {
            self.door.seats()[&peer].is_ending
        }
    }

    #[tokio::test]
    async fn of_one_address_the_longest_idle_makes_room_and_who_is_known_or_waits_for_us_stays() {
        let street = Street::new(4 * SHARE, false);
        let guests: Vec<_> = (0..4).map(|_| street.come().unwrap()).collect();
        street.door.knows(guests[0].1);
        let waits = street.door.under_way(guests[1].1);
        let more: Vec<_> = (0..2).map(|_| street.come().unwrap()).collect();
        assert_eq!([0, 1, 2, 3].map(|n| street.is_ending(guests[n].1)), [false, false, true, true]);
        assert!(!street.is_ending(more[0].1));
        drop(waits);
        let _again: Vec<_> = (0..3).map(|_| street.come().unwrap()).collect();
        assert!(street.is_ending(guests[1].1) && !street.is_ending(guests[0].1), "answered, it is a stranger's like another");
    }

    #[tokio::test]
    async fn where_everybody_waits_for_us_nobody_else_is_let_in_until_one_has_left() {
        let street = Street::new(8, true);
        let mut guests: Vec<_> = (0..8).map(|_| street.come().unwrap()).collect();
        let _wait: Vec<_> = guests.iter().map(|(_, peer, _)| street.door.under_way(*peer)).collect();
        assert_eq!(street.come().map(drop).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        guests.pop();
        assert!(street.come().is_ok(), "behind a proxy the limit of one address does not hold");
    }
}
