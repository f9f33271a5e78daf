//! The demo's pages and the small server that serves them and hears what happened on them.
//!
//! The pages tell where their elements are on the screen (`POST /layout`) and what happened to them
//! (`POST /event`): the ground truth beside every recording. What a password field holds is never told.

mod http;
mod truth;

use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result};
use overt_event::Rect;

use truth::Truth;
pub use truth::{PageElement, PageEvent};

/// Path, media type and content of everything that is served.
const FILES: [(&str, &str, &str); 9] = [
    ("/form", "text/html; charset=utf-8", include_str!("../../pages/form.html")),
    ("/menu", "text/html; charset=utf-8", include_str!("../../pages/menu.html")),
    ("/login", "text/html; charset=utf-8", include_str!("../../pages/login.html")),
    ("/counter", "text/html; charset=utf-8", include_str!("../../pages/counter.html")),
    ("/photos", "text/html; charset=utf-8", include_str!("../../pages/photos.html")),
    ("/film", "text/html; charset=utf-8", include_str!("../../pages/film.html")),
    ("/vault", "text/html; charset=utf-8", include_str!("../../pages/vault.html")),
    ("/stage.css", "text/css; charset=utf-8", include_str!("../../pages/stage.css")),
    ("/stage.js", "text/javascript; charset=utf-8", include_str!("../../pages/stage.js")),
];

/// A server of the demo's pages on a free port of 127.0.0.1; it ends when dropped.
pub struct Pages {
    at: SocketAddr,
    truth: Arc<Truth>,
    /// Closing it wakes the server's thread and ends it.
    open: Option<UnixStream>,
    server: Option<JoinHandle<()>>,
}

impl Pages {
    /// Starts to serve.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port of 127.0.0.1 is free")?;
        let at = listener.local_addr()?;
        let (open, closing) = UnixStream::pair()?;
        let truth = Arc::new(Truth::default());
        let heard = Arc::clone(&truth);
        let server = std::thread::spawn(move || http::serve(&listener, &closing, |r| answer(&heard, r)));
        Ok(Self { at, truth, open: Some(open), server: Some(server) })
    }

    /// The address of a page: `form`, `menu`, `login`, `counter`, `photos`, `film` or `vault`.
    pub fn url(&self, page: &str) -> String {
        format!("http://{}/{page}", self.at)
    }

    /// The address of the same page at another site: `localhost` instead of `127.0.0.1`.
    pub fn url_at_localhost(&self, page: &str) -> String {
        format!("http://localhost:{}/{page}", self.at.port())
    }

    /// Where an element stands on the screen, as soon as its page has told.
    ///
    /// Errors: the page has not told within the time.
    pub fn element(&self, page: &str, id: &str, within: Duration) -> Result<PageElement> {
        let found = self.truth.wait(within, |t| t.element(page, id).cloned());
        found.with_context(|| format!("the page {page} shows no {id}. Look whether the browser opened it."))
    }

    /// Where the page's own area stands on the screen.
    pub fn view(&self, page: &str, within: Duration) -> Result<Rect> {
        let found = self.truth.wait(within, |t| t.view(page));
        found.with_context(|| format!("the page {page} did not open. Look whether the browser runs."))
    }

    /// When this page was loaded last; 0 when it never was.
    pub fn loaded(&self, page: &str) -> f64 {
        self.truth.wait(Duration::ZERO, |t| t.loaded(page)).unwrap_or(0.0)
    }

    /// Waits until the page is loaded later than that.
    ///
    /// Errors: it is not loaded within the time.
    pub fn wait_for_load(&self, page: &str, after: f64, within: Duration) -> Result<()> {
        let found = self.truth.wait(within, |t| t.loaded(page).filter(|load| *load > after));
        found.map(drop).with_context(|| format!("the page {page} was not loaded. Look at the browser."))
    }

    /// Everything that the pages told, in the order it arrived.
    pub fn events(&self) -> Vec<PageEvent> {
        self.truth.events()
    }

    /// The number of events so far: where to look on from in [`Pages::wait_for_event`].
    pub fn heard(&self) -> usize {
        self.truth.events().len()
    }

    /// Waits for the first event from number `from` on that fits.
    pub fn wait_for_event(
        &self,
        what: &str,
        from: usize,
        within: Duration,
        fits: impl Fn(&PageEvent) -> bool,
    ) -> Result<PageEvent> {
        let found = self.truth.wait(within, |t| t.event_from(from, &fits).cloned());
        found.with_context(|| format!("the page did not tell of {what}. Look at what has the focus."))
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        drop(self.open.take());
        if let Some(server) = self.server.take() {
            // A panic of the server's thread has been printed by itself.
            let _ = server.join();
        }
    }
}

fn answer(truth: &Truth, request: &http::Request) -> http::Response {
    let heard = match (request.method.as_str(), request.path.as_str()) {
        ("GET", path) => {
            let file = FILES.iter().find(|(name, _, _)| *name == path);
            return file
                .map_or(http::Response::missing(), |(_, kind, text)| http::Response::file(kind, text));
        }
        ("POST", "/layout") => truth.hear_layout(&request.body),
        ("POST", "/event") => truth.hear_event(&request.body),
        _ => return http::Response::missing(),
    };
    if heard { http::Response::done() } else { http::Response::unreadable() }
}
