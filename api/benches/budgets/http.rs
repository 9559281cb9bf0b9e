//! The load: as many blocking keep-alive connections as asked for, each sending prepared requests one after another.
//!
//! It shares the cores with what it measures, so it does as little as possible: one write and one or two reads for a
//! request, no parsing but status and `Content-Length`.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fealty_api::error::{Error, Result};

/// Answers that are looked at closely on each connection, before the clock counts.
const INSPECTED: usize = 20;

/// What came of it.
#[derive(Debug)]
pub struct Load {
    /// Requests a second.
    pub rate: f64,
    /// Answers counted.
    pub answers: usize,
    /// In milliseconds.
    pub p50: f64,
    /// In milliseconds.
    pub p99: f64,
    /// Bytes of one answer's body.
    pub body: usize,
}

/// A GraphQL request as a browser would send it.
pub fn graphql(address: SocketAddr, body: &str, cookie: Option<&str>) -> Vec<u8> {
    let cookie = cookie.map(|value| format!("Cookie: fealty_session={value}\r\n")).unwrap_or_default();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nSec-Fetch-Site: same-origin\r\n{cookie}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A plain read.
pub fn get(address: SocketAddr, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes()
}

/// Sends `requests` round and round over `connections` connections for `seconds`, after a second that does not count.
///
/// # Errors
/// When a connection fails or an answer is not what it should be.
pub async fn run(
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    connections: usize,
    seconds: f64,
) -> Result<Load> {
    tokio::task::spawn_blocking(move || blocking(address, &requests, connections, seconds))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
}

fn blocking(
    address: SocketAddr,
    requests: &Arc<Vec<Vec<u8>>>,
    connections: usize,
    seconds: f64,
) -> io::Result<Load> {
    let (counts, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let threads: Vec<_> = (0..connections)
        .map(|number| {
            let (requests, counts, stop) = (Arc::clone(requests), Arc::clone(&counts), Arc::clone(&stop));
            thread::spawn(move || one_connection(address, &requests, (number, connections), &counts, &stop))
        })
        .collect();
    thread::sleep(Duration::from_secs(1));
    let started = Instant::now();
    counts.store(true, Ordering::Relaxed);
    thread::sleep(Duration::from_secs_f64(seconds));
    let elapsed = started.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    let mut micros: Vec<u32> = Vec::new();
    let mut body = 0;
    for thread in threads {
        let (mine, length) =
            thread.join().map_err(|_| io::Error::other("a connection's thread panicked"))??;
        micros.extend(mine);
        body = body.max(length);
    }
    micros.sort_unstable();
    let at = |share: usize| {
        micros.get(micros.len() * share / 100).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    };
    Ok(Load { rate: micros.len() as f64 / elapsed, answers: micros.len(), p50: at(50), p99: at(99), body })
}

fn one_connection(
    address: SocketAddr,
    requests: &[Vec<u8>],
    (number, step): (usize, usize),
    counts: &AtomicBool,
    stop: &AtomicBool,
) -> io::Result<(Vec<u32>, usize)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut buffer = vec![0; 256 * 1024];
    let mut micros = Vec::with_capacity(100_000);
    let mut length = 0;
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) {
        let Some(request) = requests.get((number + sent * step) % requests.len()) else { break };
        let started = Instant::now();
        stream.write_all(request)?;
        let (head, end) = answer(&mut stream, &mut buffer)?;
        if counts.load(Ordering::Relaxed) {
            micros.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
        if sent < INSPECTED {
            let body = String::from_utf8_lossy(&buffer[head..end]);
            if body.contains("\"errors\"") || body.contains("\"viewer\":null") {
                return Err(io::Error::other(format!("an unexpected answer: {body}")));
            }
            length = length.max(end - head);
        }
        sent += 1;
    }
    Ok((micros, length))
}

/// Reads one answer; returns where its body begins and ends in the buffer.
fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<(usize, usize)> {
    let mut filled = 0;
    let mut body: Option<(usize, usize)> = None;
    loop {
        if let Some((head, end)) = body
            && filled >= end
        {
            return Ok((head, end));
        }
        let space = buffer.get_mut(filled..).filter(|space| !space.is_empty());
        let count = stream.read(space.ok_or_else(|| io::Error::other("an answer is too long"))?)?;
        if count == 0 {
            return Err(io::Error::other("the server closed the connection"));
        }
        filled += count;
        if body.is_none()
            && let Some(at) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n")
        {
            let head = String::from_utf8_lossy(&buffer[..at]).to_ascii_lowercase();
            if !head.starts_with("http/1.1 200") {
                return Err(io::Error::other(format!("an unexpected answer: {head}")));
            }
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok())
                .ok_or_else(|| io::Error::other("an answer without length"))?;
            body = Some((at + 4, at + 4 + length));
        }
    }
}
