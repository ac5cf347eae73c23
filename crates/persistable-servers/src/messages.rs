//! Messages of HTTP/1.1, and servers that answer them.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// A request or an answer.
pub struct Message {
    pub head: Vec<u8>,
    pub body: Vec<u8>,
}

impl Message {
    /// Returns the method, the path and the query, not decoded.
    pub fn asks(&self) -> (String, String, String) {
        let text = String::from_utf8_lossy(&self.head);
        let mut words = text.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        (method.to_owned(), path.to_owned(), query.to_owned())
    }

    /// Returns a header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.head);
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim().to_owned())
    }

    pub fn answer(status: &str, headers: &[(&str, String)], body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        Self { head: head.into_bytes(), body }
    }
}

/// Starts a server on loopback that runs until the process ends, and returns its URL.
pub fn serve(answer: impl Fn(&Message) -> Message + Send + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || -> io::Result<()> {
                client.set_nodelay(true)?;
                let mut from = BufReader::new(&client);
                while let Some(request) = read(&mut from, false)? {
                    send(&client, &answer(&request))?;
                }
                Ok(())
            });
        }
    });
    url
}

/// Decodes `%2F` and the like.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&rest[..2]).unwrap(), 16).unwrap());
            rest = &rest[2..];
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Returns what a `Range` header asks for of so many bytes; nothing if that is beyond them.
pub fn range(header: &str, size: usize) -> Option<std::ops::Range<usize>> {
    let (begin, end) = header.trim_start_matches("bytes=").split_once('-')?;
    let (begin, end): (usize, usize) = (begin.parse().ok()?, end.parse().ok()?);
    (begin < size).then(|| begin..size.min(end + 1))
}

pub fn send(mut to: &TcpStream, message: &Message) -> io::Result<()> {
    to.write_all(&message.head)?;
    to.write_all(&message.body)
}

/// Reads a whole message; nothing at the end of the connection.
pub fn read(from: &mut impl BufRead, is_for_head: bool) -> io::Result<Option<Message>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if from.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let field = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(|value| value.trim().to_owned()))
    };
    let has_no_body = is_for_head || text.starts_with("http/1.1 204") || text.starts_with("http/1.1 304");
    let mut body = Vec::new();
    if !has_no_body && field("transfer-encoding").is_some_and(|encoding| encoding == "chunked") {
        loop {
            let mut line = Vec::new();
            from.read_until(b'\n', &mut line)?;
            let size = usize::from_str_radix(String::from_utf8_lossy(&line).trim(), 16).map_err(io::Error::other)?;
            body.extend_from_slice(&line);
            let begin = body.len();
            body.resize(begin + size + 2, 0);
            from.read_exact(&mut body[begin..])?;
            if size == 0 {
                break;
            }
        }
    } else if !has_no_body && let Some(length) = field("content-length") {
        body.resize(length.parse().map_err(io::Error::other)?, 0);
        from.read_exact(&mut body)?;
    }
    Ok(Some(Message { head, body }))
}
