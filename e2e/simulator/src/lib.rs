//! New Eden and its neighbours in one process: EVE SSO, ESI, the image server and Discord, as strict as the real ones.
//!
//! - `/sso` stands for `https://login.eveonline.com`, `/esi` for `https://esi.evetech.net`, `/images` for
//!   `https://images.evetech.net`, `/discord` for `https://discord.com`; `/` is a page to drive it all by hand and
//!   `/_sim` the same as a JSON API.
//! - `world/` is the one place that knows characters, corporations and alliances; `sso/`, `esi/`, `images/` and
//!   `discord/` answer from it; `gateway.rs` stands before all four, lets faults (`faults.rs`) strike and writes the
//!   request log (`log.rs`).
//! - Tests start one in-process and steer it through a [`Handle`]:
//!
//! ```
//! use fealty_simulator::{Options, Simulator, demo};
//!
//! let simulator = Simulator::start(Options::default())?;
//! simulator.handle().move_character(demo::MIREL, demo::NEUTRAL_CORPORATION).unwrap();
//! assert!(simulator.handle().character(demo::MIREL).is_some_and(|mirel| mirel.alliance_id.is_none()));
//! # Ok::<(), std::io::Error>(())
//! ```

mod admin;
mod clock;
mod core;
pub mod demo;
mod discord;
mod esi;
mod faults;
mod gateway;
mod handle;
mod http;
mod images;
mod log;
mod options;
mod page;
mod persist;
mod server;
mod sso;
mod world;

pub use discord::{DiscordMember, DiscordRole, DiscordUser, HumanError};
pub use faults::{Fault, FaultKind};
pub use handle::Handle;
pub use log::{Counters, LoggedRequest, Upstream};
pub use options::Options;
pub use server::Simulator;
pub use sso::Grant;
pub use world::{AllianceInfo, CharacterInfo, CorporationInfo, Unknown, generated_character_id};
