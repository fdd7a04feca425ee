//! The zone in which an archive's days are reckoned: an offset, a name of the IANA's list, or the
//! machine's own.

use super::shape;
use chrono::{DateTime, FixedOffset, Local, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// A zone of time. The offset of a moment is that of its day: a zone by name knows when summer time
/// begins and ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Zone {
    Fixed(FixedOffset),
    Named(Tz),
    Machine,
}

/// How `chancery.yaml` names the machine's own zone.
const MACHINE: &str = "local";
/// Clocks are put forward by whole quarters of an hour.
const QUARTER: TimeDelta = TimeDelta::minutes(15);
/// Where the line of the date was moved, a whole day was left out.
const QUARTERS_LEFT_OUT: i32 = 24 * 4;

impl Zone {
    pub const GREENWICH: Zone = Zone::Named(Tz::UTC);

    /// The zone that a text names: `+08:00`, `Asia/Shanghai`, `local`; `None` where it names none.
    pub fn read(text: &str) -> Option<Zone> {
        let offset = || Some(Zone::Fixed(*shape::timestamp(&format!("2000-01-01T00:00:00{text}"))?.offset()));
        let named = || text.parse().ok().map(Zone::Named);
        if text == MACHINE { Some(Zone::Machine) } else { offset().or_else(named) }
    }

    /// When clocks show this for the first time; where they skip it, the moment to which they skip.
    pub fn moment(self, clock: NaiveDateTime) -> Option<DateTime<FixedOffset>> {
        let shown = (0..=QUARTERS_LEFT_OUT).filter_map(|later| clock.checked_add_signed(QUARTER * later));
        let mut shown = shown.filter_map(|clock| clock.and_local_timezone(self).earliest());
        shown.next().map(|moment| moment.fixed_offset())
    }

    /// When a day begins.
    pub fn begin(self, day: NaiveDate) -> Option<DateTime<FixedOffset>> {
        self.moment(day.and_time(NaiveTime::MIN))
    }
}

impl TimeZone for Zone {
    type Offset = FixedOffset;

    fn from_offset(offset: &FixedOffset) -> Zone {
        Zone::Fixed(*offset)
    }

    fn offset_from_local_date(&self, day: &NaiveDate) -> MappedLocalTime<FixedOffset> {
        self.offset_from_local_datetime(&day.and_time(NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, clock: &NaiveDateTime) -> MappedLocalTime<FixedOffset> {
        match self {
            Zone::Fixed(offset) => MappedLocalTime::Single(*offset),
            Zone::Named(zone) => zone.offset_from_local_datetime(clock).map(|offset| offset.fix()),
            Zone::Machine => Local.offset_from_local_datetime(clock),
        }
    }

    fn offset_from_utc_date(&self, day: &NaiveDate) -> FixedOffset {
        self.offset_from_utc_datetime(&day.and_time(NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, moment: &NaiveDateTime) -> FixedOffset {
        match self {
            Zone::Fixed(offset) => *offset,
            Zone::Named(zone) => zone.offset_from_utc_datetime(moment).fix(),
            Zone::Machine => Local.offset_from_utc_datetime(moment),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(zone: &str, day: &str) -> String {
        Zone::read(zone).unwrap().begin(day.parse().unwrap()).unwrap().to_rfc3339()
    }

    #[test]
    fn a_zone_is_an_offset_a_name_or_the_machines_own() {
        for zone in ["+08:00", "-11:00", "+05:45", "Z", "Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin", "PRC", "UTC", "local"] {
            assert!(Zone::read(zone).is_some(), "{zone}");
        }
        for zone in
            ["", " ", "+8", "+0800", "8", "UTC+8", "GMT+8", "CST", "Shanghai", "asia/shanghai", "北京", "Local", "+25:00", "nonsense"]
        {
            assert_eq!(Zone::read(zone), None, "{zone}");
        }
        assert_eq!(
            Zone::read("Asia/Shanghai").unwrap().begin("2026-01-01".parse().unwrap()),
            Zone::read("+08:00").unwrap().begin("2026-01-01".parse().unwrap())
        );
    }

    #[test]
    fn the_offset_of_a_moment_is_that_of_its_day() {
        assert_eq!(begin("Europe/Berlin", "2026-01-15"), "2026-01-15T00:00:00+01:00");
        assert_eq!(begin("Europe/Berlin", "2026-07-15"), "2026-07-15T00:00:00+02:00");
        // The day on which it begins, and the one on which it ends.
        assert_eq!(begin("Europe/Berlin", "2026-03-29"), "2026-03-29T00:00:00+01:00");
        assert_eq!(begin("Europe/Berlin", "2026-10-25"), "2026-10-25T00:00:00+02:00");
        assert_eq!(begin("America/St_Johns", "2026-07-15"), "2026-07-15T00:00:00-02:30");
        assert_eq!(begin("Asia/Shanghai", "1988-07-15"), "1988-07-15T00:00:00+09:00");
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_or_comes_twice_begins_all_the_same() {
        assert_eq!(begin("Africa/Cairo", "2026-04-24"), "2026-04-24T01:00:00+03:00");
        assert_eq!(begin("America/Havana", "2026-11-01"), "2026-11-01T00:00:00-04:00");
        // Samoa went over to the other side of the line.
        assert_eq!(begin("Pacific/Apia", "2011-12-30"), "2011-12-31T00:00:00+14:00");
    }

    #[test]
    fn a_clock_that_skips_shows_the_moment_behind() {
        let moment = |clock: &str| Zone::read("Europe/Berlin").unwrap().moment(clock.parse().unwrap()).unwrap().to_rfc3339();
        assert_eq!(moment("2026-03-29T02:30:00"), "2026-03-29T03:00:00+02:00");
        assert_eq!(moment("2026-10-25T02:30:00"), "2026-10-25T02:30:00+02:00");
    }
}
