//! The demo cast: a small, stable set of organisations and pilots that the login page offers and tests refer to.
//!
//! All of it is invented. The ids are in the ranges the game uses for such objects, apart from the shipped real ones
//! and from the generated pilots.

/// EVE application registered by default.
pub const EVE_CLIENT_ID: &str = "fealty-dev";
/// Secret of the EVE application.
pub const EVE_CLIENT_SECRET: &str = "fealty-dev-secret";
/// Callback of the EVE application in development.
pub const EVE_CALLBACK: &str = "http://127.0.0.1:8000/sso/callback";

/// Discord application, which is also the bot's user id.
pub const DISCORD_APPLICATION_ID: u64 = 1_100_000_000_000_000_001;
/// Secret of the Discord application.
pub const DISCORD_CLIENT_SECRET: &str = "fealty-discord-secret";
/// Token of the bot.
pub const DISCORD_BOT_TOKEN: &str = "fealty-discord-bot-token";
/// Redirect of the Discord application in development.
pub const DISCORD_CALLBACK: &str = "http://127.0.0.1:8000/services/discord/callback";
/// The guild; also the id of its `@everyone` role.
pub const DISCORD_GUILD_ID: u64 = 1_100_000_000_000_000_002;
/// The bot's own managed role.
pub const DISCORD_BOT_ROLE: u64 = 1_100_000_000_000_000_003;
/// The managed role of server boosters, below the bot.
pub const DISCORD_BOOSTER_ROLE: u64 = 1_100_000_000_000_000_004;
/// A human-made role above the bot, which the bot can therefore not touch.
pub const DISCORD_LEADERSHIP_ROLE: u64 = 1_100_000_000_000_000_005;
/// A human-made role below the bot.
pub const DISCORD_GUEST_ROLE: u64 = 1_100_000_000_000_000_006;
/// Owner of the guild, carries the leadership role.
pub const DISCORD_OWNER: u64 = 1_100_000_000_000_000_101;
/// A member that boosts the guild.
pub const DISCORD_BOOSTER: u64 = 1_100_000_000_000_000_102;
/// A plain member.
pub const DISCORD_GUEST: u64 = 1_100_000_000_000_000_103;
/// First of [`DISCORD_NEWCOMERS`] consecutive users who are in no guild yet.
pub const DISCORD_NEWCOMER: u64 = 1_100_000_000_000_000_111;
/// How many users who are in no guild there are.
pub const DISCORD_NEWCOMERS: u64 = 8;

/// The home alliance.
pub const HOME_ALLIANCE: i64 = 99_980_001;
/// An allied ("blue") alliance.
pub const BLUE_ALLIANCE: i64 = 99_980_002;
/// Executor corporation of the home alliance.
pub const HOME_CORPORATION: i64 = 98_980_001;
/// The home alliance's industrial corporation.
pub const INDUSTRY_CORPORATION: i64 = 98_980_002;
/// The home alliance's training corporation.
pub const ACADEMY_CORPORATION: i64 = 98_980_003;
/// The corporation of the blue alliance.
pub const BLUE_CORPORATION: i64 = 98_980_011;
/// A neutral corporation outside any alliance.
pub const NEUTRAL_CORPORATION: i64 = 98_980_021;
/// An NPC corporation (State War Academy).
pub const NPC_CORPORATION: i64 = 1_000_167;
/// Where biomassed characters used to be shown (Doomheim).
pub const DOOMHEIM: i64 = 1_000_001;
/// A faction that pilots can enlist with (Caldari State).
pub const CALDARI_STATE: i64 = 500_001;

/// CEO of [`HOME_CORPORATION`].
pub const KAELEN: i64 = 2_119_000_001;
/// A line member of [`HOME_CORPORATION`].
pub const MIREL: i64 = 2_119_000_002;
/// A line member of [`HOME_CORPORATION`].
pub const TEODRIC: i64 = 2_119_000_003;
/// An alt in [`HOME_CORPORATION`].
pub const SUNNIVA: i64 = 2_119_000_004;
/// CEO of [`INDUSTRY_CORPORATION`].
pub const ORRIN: i64 = 2_119_000_005;
/// A member of [`INDUSTRY_CORPORATION`].
pub const YELENA: i64 = 2_119_000_006;
/// A member of [`INDUSTRY_CORPORATION`].
pub const BRAM: i64 = 2_119_000_007;
/// CEO of [`ACADEMY_CORPORATION`].
pub const NIMUE: i64 = 2_119_000_008;
/// A member of [`ACADEMY_CORPORATION`] whose name contains an apostrophe.
pub const JOREK: i64 = 2_119_000_009;
/// CEO of [`BLUE_CORPORATION`].
pub const RHEA: i64 = 2_119_000_010;
/// A member of [`BLUE_CORPORATION`].
pub const DAGAN: i64 = 2_119_000_011;
/// CEO of [`NEUTRAL_CORPORATION`].
pub const VESPER: i64 = 2_119_000_012;
/// A member of [`NPC_CORPORATION`].
pub const TALLIS: i64 = 2_119_000_013;
/// A member of [`NEUTRAL_CORPORATION`], enlisted with [`CALDARI_STATE`]; their name has three words.
pub const ANSGAR: i64 = 2_119_000_014;

/// One invented pilot.
#[derive(Clone, Copy, Debug)]
pub struct Pilot {
    /// Character id.
    pub id: i64,
    /// Character name.
    pub name: &'static str,
    /// Initial corporation.
    pub corporation: i64,
}

const fn pilot(id: i64, name: &'static str, corporation: i64) -> Pilot {
    Pilot { id, name, corporation }
}

/// Every demo pilot, in the order of the login page.
pub const PILOTS: [Pilot; 14] = [
    pilot(KAELEN, "Kaelen Vashtar", HOME_CORPORATION),
    pilot(MIREL, "Mirel Ostavane", HOME_CORPORATION),
    pilot(TEODRIC, "Teodric Varn", HOME_CORPORATION),
    pilot(SUNNIVA, "Sunniva Hald", HOME_CORPORATION),
    pilot(ORRIN, "Orrin Takkonen", INDUSTRY_CORPORATION),
    pilot(YELENA, "Yelena Drash", INDUSTRY_CORPORATION),
    pilot(BRAM, "Bram Okkonai", INDUSTRY_CORPORATION),
    pilot(NIMUE, "Nimue Sarasse", ACADEMY_CORPORATION),
    pilot(JOREK, "Jorek Pell'an", ACADEMY_CORPORATION),
    pilot(RHEA, "Rhea Solvane", BLUE_CORPORATION),
    pilot(DAGAN, "Dagan Ruhl", BLUE_CORPORATION),
    pilot(VESPER, "Vesper Quill", NEUTRAL_CORPORATION),
    pilot(TALLIS, "Tallis Morrow", NPC_CORPORATION),
    pilot(ANSGAR, "Ansgar Ivar Holt", NEUTRAL_CORPORATION),
];

/// Id, name, ticker and alliance of the demo corporations.
pub(crate) const CORPORATIONS: [(i64, &str, &str, Option<i64>, i64); 5] = [
    (HOME_CORPORATION, "Ashen Vanguard", "ASHV", Some(HOME_ALLIANCE), KAELEN),
    (INDUSTRY_CORPORATION, "Ashen Works", "ASHW", Some(HOME_ALLIANCE), ORRIN),
    (ACADEMY_CORPORATION, "Ashen Academy", "ASHA", Some(HOME_ALLIANCE), NIMUE),
    (BLUE_CORPORATION, "Lumen Survey Group", "LUMSG", Some(BLUE_ALLIANCE), RHEA),
    (NEUTRAL_CORPORATION, "Driftglass Traders", "DRFTG", None, VESPER),
];

/// Id, name, ticker and executor of the demo alliances.
pub(crate) const ALLIANCES: [(i64, &str, &str, i64); 2] = [
    (HOME_ALLIANCE, "Ashen Covenant", "ASHEN", HOME_CORPORATION),
    (BLUE_ALLIANCE, "Lumen Accord", "LACRD", BLUE_CORPORATION),
];
