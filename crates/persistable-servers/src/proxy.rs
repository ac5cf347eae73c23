//! A proxy for HTTP/1.1 that counts requests, delays and cuts connections, and loses answers.

use std::io::{self, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::messages::{read, send};

/// What happens to a request.
#[derive(Clone, Debug)]
pub enum Action {
    /// It arrives after a while.
    Delay(Duration),
    /// The connection is closed, and the server sees nothing.
    Cut,
    /// The connection is reset, and the server sees nothing.
    Reset,
    /// The server does it, and the client never hears of it.
    LoseAnswer,
    /// Half of the answer comes, and then the connection is closed.
    HalfAnswer,
    /// All is well, and a moment later the server closes the idle connection.
    CloseAfter,
    /// The answer comes in ten pieces, each after this while.
    Trickle(Duration),
    /// Nothing happens at all any more.
    Hang,
    /// The server sees nothing, and the client hears this.
    Answer(&'static str),
}

#[derive(Debug, Default)]
struct Content {
    seen: Vec<String>,
    rules: Vec<(String, Action, usize)>,
}

/// A proxy that runs until the test ends.
#[derive(Clone, Debug)]
pub struct Proxy {
    port: u16,
    content: Arc<Mutex<Content>>,
}

impl Proxy {
    /// Starts a proxy before a server such as `http://127.0.0.1:7480`.
    pub fn before(server: &str) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), content: Arc::default() };
        let content = Arc::clone(&proxy.content);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, content) = (server.clone(), Arc::clone(&content));
                // Either side may close the connection at any time.
                thread::spawn(move || serve(&client, &server, &content));
            }
        });
        proxy
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Does this with the next so many requests whose first line has this text, such as `"PUT "`.
    pub fn rule(&self, text: &str, action: Action, times: usize) {
        self.content.lock().unwrap().rules.push((text.to_owned(), action, times));
    }

    /// Drops what is left of the rules.
    pub fn clear(&self) {
        self.content.lock().unwrap().rules.clear();
    }

    /// Returns the first lines of all requests since the last call.
    pub fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.content.lock().unwrap().seen)
    }

    /// Counts the requests since the last call, by method.
    pub fn methods(&self) -> Vec<String> {
        self.seen().iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    }
}

fn serve(client: &TcpStream, server: &str, content: &Mutex<Content>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut from_client = BufReader::new(client);
    let upstream = TcpStream::connect(server)?;
    upstream.set_nodelay(true)?;
    let mut from_server = BufReader::new(&upstream);
    while let Some(request) = read(&mut from_client, false)? {
        let line = String::from_utf8_lossy(&request.head).lines().next().unwrap_or_default().to_owned();
        let is_head = line.starts_with("HEAD ");
        match action(content, line) {
            Some(Action::Cut) => return client.shutdown(Shutdown::Both),
            Some(Action::Reset) => return reset(client),
            Some(Action::Hang) => {
                thread::sleep(Duration::from_secs(60));
                return Ok(());
            }
            Some(Action::Answer(answer)) => {
                (&mut &*client).write_all(answer.as_bytes())?;
                continue;
            }
            Some(Action::Delay(delay)) => thread::sleep(delay),
            action @ Some(Action::LoseAnswer | Action::HalfAnswer) => {
                send(&upstream, &request)?;
                // The server is done when it answers.
                let answer = read(&mut from_server, is_head)?;
                if let (Some(Action::HalfAnswer), Some(answer)) = (action, answer) {
                    let half = answer.body.len() / 2;
                    (&mut &*client).write_all(&answer.head)?;
                    (&mut &*client).write_all(&answer.body[..half])?;
                }
                return client.shutdown(Shutdown::Both);
            }
            Some(Action::CloseAfter) => {
                send(&upstream, &request)?;
                if let Some(answer) = read(&mut from_server, is_head)? {
                    send(client, &answer)?;
                }
                return client.shutdown(Shutdown::Both);
            }
            Some(Action::Trickle(pause)) => {
                send(&upstream, &request)?;
                if let Some(answer) = read(&mut from_server, is_head)? {
                    (&mut &*client).write_all(&answer.head)?;
                    for piece in answer.body.chunks(answer.body.len().div_ceil(10).max(1)) {
                        thread::sleep(pause);
                        (&mut &*client).write_all(piece)?;
                    }
                }
                continue;
            }
            None => {}
        }
        send(&upstream, &request)?;
        let Some(answer) = read(&mut from_server, is_head)? else {
            break;
        };
        send(client, &answer)?;
    }
    client.shutdown(Shutdown::Both)
}

fn action(content: &Mutex<Content>, line: String) -> Option<Action> {
    let mut content = content.lock().unwrap();
    let rule = content.rules.iter_mut().find(|(text, _, times)| *times > 0 && line.contains(text.as_str()));
    let action = rule.map(|(_, action, times)| {
        *times -= 1;
        action.clone()
    });
    content.seen.push(line);
    action
}

/// Closes the connection so that the other side's system tells an error.
fn reset(client: &TcpStream) -> io::Result<()> {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    let size = std::mem::size_of::<libc::linger>() as libc::socklen_t;
    // SAFETY: the descriptor is open, and the pointer leads to a value of that size.
    let done = unsafe {
        let fd = std::os::fd::AsRawFd::as_raw_fd(client);
        libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_LINGER, std::ptr::from_ref(&linger).cast(), size)
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
