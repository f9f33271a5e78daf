//! Which site a window shows: the host of the outermost document in it. Its path goes nowhere from here.

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Receiver;
use overt_capture::monotonic_now;
use overt_event::{RawBody, SiteReport, SiteSeen};

use crate::apps::Toolkit;
use crate::bus::until;
use crate::config::SiteRequest;
use crate::descend::Found;
use crate::location::middle_of_lower_part;
use crate::see::Seen;
use crate::shared::Shared;
use crate::snapshot::items::misfit;
use crate::spelling::{NAME_CHARS_MAX, trim_name};

/// Answers requests until the channel closes.
pub(crate) fn answer_sites(shared: &Arc<Shared>, requests: &Receiver<SiteRequest>) {
    while let Ok(request) = requests.recv() {
        if shared.gate.finished() {
            return;
        }
        let report = async_io::block_on(shared.look_at_site(&request));
        shared.gate.emit(monotonic_now(), RawBody::Site(report));
    }
}

impl Shared {
    async fn look_at_site(&self, request: &SiteRequest) -> SiteReport {
        let asked_at = monotonic_now();
        let deadline = Instant::now() + self.config.lookup_deadline;
        let frames = self.frames_of(request, deadline).await;
        let mut sites = Vec::with_capacity(frames.len());
        for frame in &frames {
            sites.push(self.site_in(frame, deadline).await);
        }
        let title = trim_name(&request.title);
        let plainly_named = is_plain(&title, frames.iter().map(|frame| frame.name.as_str()));
        let site = the_same(sites);
        self.note_site(request, &site);
        let (window, pid) = (request.window, request.pid);
        SiteReport { window, pid, asked_at, site, plainly_named }
    }

    /// The application's frame that is this window on the display: by its place and its title. Where two stand
    /// at the same place and are called the same, both.
    async fn frames_of(&self, request: &SiteRequest, deadline: Instant) -> Vec<Seen> {
        let roots = self.apps.roots(&self.bus, request.pid, deadline).await;
        let (windows, _) = self.bus.windows_beside(&roots, request.window_bounds, deadline).await;
        let title = trim_name(&request.title);
        let fits = |w: &Seen| {
            let overlaps = w.bounds.intersect(request.window_bounds).is_some();
            w.states.on_screen() && overlaps && w.name.starts_with(&title)
        };
        let mut frames: Vec<Seen> = windows.into_iter().filter(fits).collect();
        let best = frames.iter().map(|w| misfit(w.bounds, request.window_bounds)).min();
        frames.retain(|w| Some(misfit(w.bounds, request.window_bounds)) == best);
        frames
    }

    async fn site_in(&self, frame: &Seen, deadline: Instant) -> SiteSeen {
        let toolkit = until(deadline, self.apps.toolkit(&self.bus, &frame.object.bus)).await;
        let middle = middle_of_lower_part(frame.bounds);
        let hit = self.bus.descend(frame.object.clone(), middle, deadline).await;
        let (Found::Here(object), Some(toolkit)) = (hit, toolkit) else { return SiteSeen::Unknown };
        match (until(deadline, self.outermost_document(object)).await, toolkit) {
            (Some(Ok(Some(document))), _) => match self.uri(&document, deadline).await {
                Some(uri) => SiteSeen::Host(host(&uri).to_owned()),
                None => SiteSeen::Unknown,
            },
            // These draw no pages themselves.
            (Some(Ok(None)), Toolkit::Gtk | Toolkit::Office) => SiteSeen::NoDocument,
            _ => SiteSeen::Unknown,
        }
    }

    /// Of another site the address is told again: what was told before it was known may have been dropped.
    fn note_site(&self, request: &SiteRequest, site: &SiteSeen) {
        if *site != SiteSeen::Unknown && self.sites().is_other(request.window, site) {
            self.locations().remove(&request.pid);
        }
    }
}

/// Whether the window's frames are called as it is. Of a title that was cut the rest is not known, and an application that has
/// told of no frame in time has said nothing at all.
fn is_plain<'a>(title: &str, frames: impl IntoIterator<Item = &'a str>) -> bool {
    let mut frames = frames.into_iter().peekable();
    frames.peek().is_some() && title.chars().count() < NAME_CHARS_MAX && frames.all(|name| name == title)
}

/// What all of them show.
fn the_same(sites: Vec<SiteSeen>) -> SiteSeen {
    let mut sites = sites.into_iter();
    let first = sites.next().unwrap_or(SiteSeen::Unknown);
    if sites.all(|site| site == first) { first } else { SiteSeen::Unknown }
}

/// The host of an address in the form in which browsers keep it (URL Standard, section 4.5); empty when it
/// has none.
fn host(uri: &str) -> &str {
    let is_scheme = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let Some((_, rest)) = uri.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else { return "" };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_host_is_taken() {
        let check = |uri, expected| assert_eq!(host(uri), expected, "{uri}");
        check("https://a.example.org/path?q=https://b.org#x", "a.example.org");
        check("http://127.0.0.1:8080/", "127.0.0.1");
        check("https://user:pass@example.org:1/", "example.org");
        check("https://example.org?x@evil.org", "example.org");
        check("https://[::1]:80/", "[::1]");
        check("https://[::1]/", "[::1]");
        check("file:///home/person/secret.html", "");
        check("about:blank", "");
        check("data:text/html,https://example.org/", "");
        check("blob:https://example.org/1", "");
        check("", "");
    }

    #[test]
    fn a_window_is_plainly_named_where_its_application_says_so() {
        let title = "Tides - Chromium";
        assert!(is_plain(title, [title]) && is_plain(title, [title, title]));
        assert!(!is_plain(title, ["Tides - Chromium (Incognito)"]));
        assert!(!is_plain(title, [title, "Tides - Chromium (Incognito)"]));
        assert!(!is_plain(title, []), "nobody said anything");
        let cut = "t".repeat(NAME_CHARS_MAX);
        assert!(!is_plain(&cut, [cut.as_str()]));
    }

    #[test]
    fn windows_that_cannot_be_told_apart_must_show_the_same() {
        let host = |h: &str| SiteSeen::Host(h.into());
        assert!(the_same(vec![]) == SiteSeen::Unknown);
        assert!(the_same(vec![host("a"), host("a")]) == host("a"));
        assert!(the_same(vec![host("a"), host("b")]) == SiteSeen::Unknown);
        assert!(the_same(vec![host("a"), SiteSeen::Unknown]) == SiteSeen::Unknown);
    }
}
