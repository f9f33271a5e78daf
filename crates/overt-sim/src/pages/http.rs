//! As much of HTTP/1.1 as a local browser needs: one request a connection, one thread, everything bounded.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};

/// Connections that wait at once. Browsers open some that they never use; the oldest makes room.
const CONNECTIONS_MAX: usize = 32;

/// The longest request, head and body.
const REQUEST_BYTES_MAX: usize = 256 * 1024;

/// How long the other side may take to read an answer.
const WRITE_WITHIN: Duration = Duration::from_secs(5);

pub(super) struct Request {
    pub(super) method: String,
    /// Without the query.
    pub(super) path: String,
    pub(super) body: Vec<u8>,
}

pub(super) struct Response {
    status: &'static str,
    kind: &'static str,
    body: &'static str,
}

impl Response {
    pub(super) fn file(kind: &'static str, body: &'static str) -> Self {
        Self { status: "200 OK", kind, body }
    }

    pub(super) fn done() -> Self {
        Self { status: "204 No Content", kind: "text/plain", body: "" }
    }

    pub(super) fn missing() -> Self {
        Self { status: "404 Not Found", kind: "text/plain", body: "There is no such page." }
    }

    pub(super) fn unreadable() -> Self {
        Self { status: "400 Bad Request", kind: "text/plain", body: "The request does not read." }
    }
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// What became of a connection after some bytes of it were read.
enum Progress {
    Waits,
    Asks(Request),
    Ends,
}

/// Serves until the other end of `closing` is closed.
pub(super) fn serve(listener: &TcpListener, closing: &UnixStream, answer: impl Fn(&Request) -> Response) {
    let mut waiting: Vec<Connection> = Vec::new();
    loop {
        let mut fds = vec![PollFd::new(closing, PollFlags::IN), PollFd::new(listener, PollFlags::IN)];
        fds.extend(waiting.iter().map(|c| PollFd::from_borrowed_fd(c.stream.as_fd(), PollFlags::IN)));
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
        }
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        drop(fds);
        if ready[0] {
            return;
        }
        let mut ready_waiting = ready[2..].iter();
        waiting.retain_mut(|c| !ready_waiting.next().is_some_and(|r| *r) || goes_on(c, &answer));
        if ready[1] {
            admit(listener, &mut waiting);
        }
    }
}

fn admit(listener: &TcpListener, waiting: &mut Vec<Connection>) {
    let Ok((stream, _)) = listener.accept() else { return };
    if stream.set_nonblocking(true).is_err() {
        return;
    }
    if waiting.len() == CONNECTIONS_MAX {
        waiting.remove(0);
    }
    waiting.push(Connection { stream, read: Vec::new() });
}

/// Reads what is there and answers when the request is whole; whether to keep the connection.
fn goes_on(connection: &mut Connection, answer: impl Fn(&Request) -> Response) -> bool {
    match progress(connection) {
        Progress::Waits => true,
        Progress::Ends => false,
        Progress::Asks(request) => {
            // A browser that went away does not miss the answer.
            let _ = send(&mut connection.stream, &answer(&request));
            false
        }
    }
}

fn progress(connection: &mut Connection) -> Progress {
    let mut piece = [0; 16 * 1024];
    match connection.stream.read(&mut piece) {
        Ok(0) => return Progress::Ends,
        Ok(n) => connection.read.extend_from_slice(&piece[..n]),
        Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
            return Progress::Waits;
        }
        Err(_) => return Progress::Ends,
    }
    match parse(&connection.read) {
        Some(request) => Progress::Asks(request),
        None if connection.read.len() > REQUEST_BYTES_MAX => Progress::Ends,
        None => Progress::Waits,
    }
}

/// The request, once it is whole.
fn parse(bytes: &[u8]) -> Option<Request> {
    let head_len = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..head_len]);
    let mut lines = head.lines();
    let mut words = lines.next()?.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let body_len: usize = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
    let body = bytes.get(head_len + 4..(head_len + 4).checked_add(body_len)?)?;
    let path = target.split('?').next().unwrap_or_default();
    Some(Request { method: method.to_owned(), path: path.to_owned(), body: body.to_vec() })
}

fn send(stream: &mut TcpStream, response: &Response) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(WRITE_WITHIN))?;
    let Response { status, kind, body } = response;
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &str, expected: Option<(&str, &str, &str)>) {
        let got = parse(bytes.as_bytes());
        let got = got.as_ref().map(|r| (&*r.method, &*r.path, std::str::from_utf8(&r.body).expect("text")));
        assert_eq!(got, expected);
    }

    #[test]
    fn a_request_reads_when_it_is_whole() {
        check("GET /form?x=1 HTTP/1.1\r\nHost: a\r\n\r\n", Some(("GET", "/form", "")));
        check("POST /event HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}", Some(("POST", "/event", "{}")));
        check("POST /event HTTP/1.1\r\nContent-Length: 3\r\n\r\n{}", None);
        check("POST /event HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", None);
        check("GET /", None);
    }
}
