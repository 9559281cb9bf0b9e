//! Memory and processor time of processes, from Linux's `/proc`. Elsewhere nothing is known.

use std::{
    fs,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use fealty_api::error::{Error, Result};

/// Kernel ticks a second: `USER_HZ`, 100 on every Linux one meets.
const TICKS: f64 = 100.0;

/// A program that ends with this.
#[derive(Debug)]
pub struct Program {
    child: Child,
}

impl Program {
    /// Starts one; its output goes to a file.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(path: &str, config: &std::path::Path, log: &std::path::Path) -> Result<Self> {
        let output = fs::File::create(log).map_err(Error::internal)?;
        let errors = output.try_clone().map_err(Error::internal)?;
        let child = Command::new(path)
            .arg("--config")
            .arg(config)
            // Settings of whoever runs this must not count.
            .env_clear()
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(Error::internal)?;
        Ok(Self { child })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it accepts connections.
    ///
    /// # Errors
    /// When it ended, or does not within 20 seconds.
    pub async fn wait_for(&mut self, address: SocketAddr) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(20) {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Error::internal(format!("a program ended by itself: {status}")));
            }
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(Error::internal(format!("nothing listens on {address}")))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory now and at its peak, in MB.
pub fn memory(pid: u32) -> Option<(f64, f64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| -> Option<f64> {
        let line = status.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}

/// Processor time used so far by all of `pids`, in seconds. Those that are gone count nothing.
pub fn cpu_seconds(pids: &[u32]) -> f64 {
    pids.iter().filter_map(|pid| cpu_of(*pid)).sum()
}

fn cpu_of(pid: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}
