//! Logging in through EVE SSO, and adding characters.
//!
//! For the character C with owner hash H that the SSO vouches for:
//! 1. Somebody owns C under H: they are logged in if C is their main, or if they have no main (they are then asked to
//!    choose one). An alt does not log in.
//! 2. Somebody owns C under another hash: C was sold. They lose it (and their main, if it was that) and are notified;
//!    then 3. Unless the brake on the check of characters is pulled (`tokens`): then the login is refused.
//! 3. Nobody owns C. The newest record of C under H names the user it belonged to: they get it back and are logged
//!    in, unless they have another main. No record: a new user, whose registration begins.
//! 4. Inactive users continue with their registration; those who were switched off are refused, whichever of their
//!    characters it is, and nobody else can add one of these (under H) to another account.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, sql_query, sql_types::BigInt};
use diesel_async::RunQueryDsl;

use super::{
    oauth_attempt::{self, Attempt, Purpose},
    session::{self, Beginning},
    sso::{SsoError, VerifiedLogin, new_pkce},
    tokens, username, users,
};
use crate::{
    access::{self, Actor, AffiliationFact, Cause, Change, OwnershipFact},
    app::App,
    crypto::Secret,
    db::{
        Conn,
        schema::{character_ownerships as o, ownership_records as r, users as u},
    },
    error::{Error, Result},
    eve::{esi, learn, names, store, sync::RefreshCharacters},
    jobs, notifications,
};

/// Why a login failed, as the SPA's `?error=` code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The pilot said no at the SSO.
    AccessDenied,
    /// The answer belongs to no attempt of this browser.
    StateMismatch,
    /// EVE SSO cannot be reached.
    SsoUnavailable,
    /// EVE SSO refused the code, or its token is not valid.
    SsoRejected,
    /// The character is somebody's alt.
    NotMain,
    /// The account was switched off.
    Disabled,
    /// New pilots may not register.
    RegistrationClosed,
    /// The session that wanted to add a character is gone.
    SessionEnded,
    /// EVE names other owners for so many characters that somebody has to look into it first.
    OwnerUnclear,
}

impl Refusal {
    /// The code in the URL.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::StateMismatch => "state_mismatch",
            Self::SsoUnavailable => "sso_unavailable",
            Self::SsoRejected => "sso_rejected",
            Self::NotMain => "not_main",
            Self::Disabled => "disabled",
            Self::RegistrationClosed => "registration_closed",
            Self::SessionEnded => "session_ended",
            Self::OwnerUnclear => "owner_unclear",
        }
    }
}

/// What a callback led to.
#[derive(Debug)]
pub enum Outcome {
    /// Logged in: the session's secret and where to go.
    LoggedIn { session: Secret, next: String },
    /// The e-mail step is next.
    Registering { session: Secret },
    /// A character was added to the user who was already logged in.
    Added { character_id: i64, next: String },
    /// Refused; when adding a character, with where the user was.
    Refused { why: Refusal, next: Option<String> },
}

/// Where to send the browser, and the secret that binds the attempt to it.
#[derive(Debug)]
pub struct Redirect {
    pub url: String,
    pub browser: Secret,
}

/// Begins a login, or (with `user_id`) adding a character.
///
/// # Errors
/// `Upstream` when the SSO cannot be reached.
pub async fn start(
    app: &App,
    user_id: Option<i64>,
    browser: Option<Secret>,
    next: Option<&str>,
) -> Result<Redirect> {
    let pkce = {
        let mut rng = app.rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        new_pkce(&mut *rng)
    };
    let purpose = if user_id.is_some() { Purpose::AddCharacter } else { Purpose::Login };
    let next = oauth_attempt::safe_next(next);
    let mut conn = app.db.conn().await?;
    let started =
        oauth_attempt::start(&mut conn, app, purpose, user_id, browser, Some(&pkce.verifier), &next).await?;
    drop(conn);
    let url = app.sso.authorize_url(started.state.expose(), &pkce.challenge).await.map_err(|error| {
        tracing::warn!(%error, "no address to send pilots to");
        Error::Upstream { service: "sso", detail: error.to_string() }
    })?;
    Ok(Redirect { url: url.to_string(), browser: started.browser })
}

/// The SSO's answer, as the browser delivered it.
#[derive(Debug)]
pub struct Answer<'a> {
    pub code: Option<&'a str>,
    pub state: Option<&'a str>,
    pub error: Option<&'a str>,
    /// The cookie that binds attempts to this browser.
    pub browser: Option<&'a str>,
    /// The user logged in in this browser.
    pub session_user: Option<i64>,
    pub user_agent: &'a str,
}

/// Completes a login, or adding a character.
///
/// # Errors
/// When the database fails; everything else is an [`Outcome`].
pub async fn finish(app: &App, answer: Answer<'_>) -> Result<Outcome> {
    let refused = |why| Ok(Outcome::Refused { why, next: None });
    let (Some(state), Some(browser)) = (answer.state, answer.browser) else {
        return refused(Refusal::StateMismatch);
    };
    let attempt = {
        let mut conn = app.db.conn().await?;
        oauth_attempt::take(&mut conn, app, state, browser).await?
    };
    let Some(attempt) = attempt.filter(|a| matches!(a.purpose, Purpose::Login | Purpose::AddCharacter))
    else {
        return refused(Refusal::StateMismatch);
    };
    let back = attempt.user_id.is_some().then(|| attempt.next_path.clone());
    let refused = |why| Ok(Outcome::Refused { why, next: back.clone() });
    if attempt.user_id.is_some() && attempt.user_id != answer.session_user {
        return Ok(Outcome::Refused { why: Refusal::SessionEnded, next: None });
    }
    if let Some(error) = answer.error {
        return refused(if error == "access_denied" { Refusal::AccessDenied } else { Refusal::SsoRejected });
    }
    let (Some(code), Some(verifier)) = (answer.code, &attempt.code_verifier) else {
        return refused(Refusal::StateMismatch);
    };
    let login = match app.sso.exchange(code, verifier).await {
        Ok(login) => login,
        Err(error) => {
            tracing::warn!(%error, "a login failed at the SSO");
            return refused(match error {
                SsoError::Unavailable { .. } => Refusal::SsoUnavailable,
                _ => Refusal::SsoRejected,
            });
        }
    };
    // Asked before the transaction opens, which must not wait for ESI.
    let fact = learn::ask_now(app, login.character_id).await;
    let names = match &fact {
        Some(fact) => {
            let nameless = {
                let mut conn = app.db.conn().await?;
                store::nameless(&mut conn, std::slice::from_ref(fact)).await?
            };
            learn::names_for(app, &nameless).await
        }
        None => Vec::new(),
    };
    let seen = Seen { login: &login, fact, names };
    for _ in 0..3 {
        let db = &app.db;
        let decided =
            db.transaction(async |conn| decide(conn, app, &attempt, &seen, answer.user_agent).await);
        match decided.await {
            // Another registration took the same user name at the same moment.
            Err(Error::Conflict(_)) => {}
            other => return other,
        }
    }
    Err(Error::Conflict("the same login was made elsewhere at the same moment"))
}

/// What is known about the character that is logging in.
struct Seen<'a> {
    login: &'a VerifiedLogin,
    fact: Option<AffiliationFact>,
    names: Vec<esi::ResolvedName>,
}

async fn decide(
    conn: &mut Conn,
    app: &App,
    attempt: &Attempt,
    seen: &Seen<'_>,
    user_agent: &str,
) -> Result<Outcome> {
    let login = seen.login;
    let character = login.character_id;
    access::hold_rules(conn).await?;
    // Two first logins with one character must not create two users.
    sql_query("select pg_advisory_xact_lock($1)").bind::<BigInt, _>(character).execute(conn).await?;
    let name = esi::ResolvedName {
        id: character,
        name: login.character_name.clone(),
        category: esi::NameCategory::Character,
    };
    names::correct(conn, app.clock.now(), std::slice::from_ref(&name)).await?;
    store::put_character(conn, app.clock.now(), character, &name.name).await?;
    if let Some(fact) = seen.fact {
        learn::store_facts(conn, app, &[fact], &seen.names).await?;
    }
    if let Some(user_id) = attempt.user_id {
        return add_character(conn, app, user_id, login, &attempt.next_path).await;
    }
    let refused = |why| Ok(Outcome::Refused { why, next: None });
    let user = match who_is(conn, app, login).await? {
        Who::User(user) => *user,
        Who::Nobody if !app.config.registration.open => return refused(Refusal::RegistrationClosed),
        Who::Nobody => register(conn, app, login).await?,
        Who::Refused(why) => return refused(why),
    };
    tokens::store(conn, app, user.id, login).await?;
    if seen.fact.is_none() {
        jobs::enqueue(conn, &RefreshCharacters { user_id: user.id }).await?;
    }
    if !user.is_active {
        let session = session::start(conn, app, user.id, Beginning::Registration, user_agent).await?;
        return Ok(Outcome::Registering { session });
    }
    diesel::update(u::table.find(user.id)).set(u::last_login_at.eq(app.clock.now())).execute(conn).await?;
    let session = session::start(conn, app, user.id, Beginning::Sso, user_agent).await?;
    let next =
        if user.main_character_id.is_none() { "/choose-main".into() } else { attempt.next_path.clone() };
    Ok(Outcome::LoggedIn { session, next })
}

enum Who {
    User(Box<users::User>),
    Nobody,
    Refused(Refusal),
}

/// Who owns a character here, and under which owner hash.
type Owner = Option<(i64, String)>;

async fn owner_of(conn: &mut Conn, character: i64) -> Result<Owner> {
    Ok(o::table.find(character).select((o::user_id, o::owner_hash)).first(conn).await.optional()?)
}

/// The user the character belongs to according to the SSO: its owner under this owner hash, or else
/// its last owner under it.
async fn holder(conn: &mut Conn, login: &VerifiedLogin, owner: &Owner) -> Result<Option<i64>> {
    if let Some((user_id, hash)) = owner
        && *hash == login.owner_hash
    {
        return Ok(Some(*user_id));
    }
    let before = r::table
        .filter(r::character_id.eq(login.character_id))
        .filter(r::owner_hash.eq(&login.owner_hash))
        .order(r::id.desc())
        .select(r::user_id);
    Ok(before.first(conn).await.optional()?)
}

async fn who_is(conn: &mut Conn, app: &App, login: &VerifiedLogin) -> Result<Who> {
    let character = login.character_id;
    let owner = owner_of(conn, character).await?;
    let is_owned = owner.as_ref().is_some_and(|(_, hash)| *hash == login.owner_hash);
    if let Some((previous, _)) = owner.as_ref().filter(|_| !is_owned) {
        if !tokens::may_take_by_login(conn, app, *previous).await? {
            return Ok(Who::Refused(Refusal::OwnerUnclear));
        }
        sold(conn, app, login, *previous).await?;
    }
    let Some(user_id) = holder(conn, login, &owner).await? else { return Ok(Who::Nobody) };
    let user = users::find_for_update(conn, user_id).await?.ok_or(Error::NotFound)?;
    if user.is_disabled() {
        return Ok(Who::Refused(Refusal::Disabled));
    }
    if user.main_character_id.is_some_and(|main| !is_owned || main != character) {
        return Ok(Who::Refused(Refusal::NotMain));
    }
    if is_owned {
        return Ok(Who::User(Box::new(user)));
    }
    take_ownership(conn, app, &user, login, "character_returned").await?;
    set_main(conn, app, &user, login).await?;
    Ok(Who::User(Box::new(users::find_for_update(conn, user_id).await?.ok_or(Error::NotFound)?)))
}

/// Handles that the character now belongs to another EVE account.
async fn sold(conn: &mut Conn, app: &App, login: &VerifiedLogin, previous: i64) -> Result<()> {
    let name = &login.character_name;
    let cause = Cause::new(
        Actor::System,
        "character_transferred",
        ("character", login.character_id.to_string(), name.clone()),
        format!("{name} now belongs to another EVE account."),
    );
    let cause = cause.with_owners(conn, (login.character_id, name), None).await?;
    access::apply(conn, app.clock.now(), &cause, Change::OwnershipLost { character_id: login.character_id })
        .await?;
    tell_lost(conn, app, previous, name, "it now belongs to another EVE account").await
}

async fn tell_lost(conn: &mut Conn, app: &App, user_id: i64, name: &str, why: &str) -> Result<()> {
    let notice = notifications::New {
        level: notifications::Level::Warning,
        kind: "character_lost",
        about: None,
        title: format!("{name} is no longer one of your characters"),
        body: format!("{name} was removed from your characters: {why}."),
    };
    notifications::send(conn, app.clock.now(), &[user_id], &notice).await
}

fn acting(user_id: i64, username: &str) -> Actor {
    Actor::User { id: user_id, name: username.to_owned() }
}

fn about_user(user: &users::User) -> (&'static str, String, String) {
    ("user", fealty_shared::id::UserId(user.id).to_string(), user.username.clone())
}

async fn take_ownership(
    conn: &mut Conn,
    app: &App,
    user: &users::User,
    login: &VerifiedLogin,
    kind: &'static str,
) -> Result<()> {
    let name = &login.character_name;
    let summary = match kind {
        "registered" => format!("{} registered with {name}.", user.username),
        "character_returned" => format!("{name} came back to {}.", user.username),
        _ => format!("{} added {name}.", user.username),
    };
    let cause = Cause::new(acting(user.id, &user.username), kind, about_user(user), summary);
    let cause = cause.with_owners(conn, (login.character_id, name), Some(user.id)).await?;
    let fact =
        OwnershipFact { character_id: login.character_id, user_id: user.id, owner_hash: &login.owner_hash };
    access::apply(conn, app.clock.now(), &cause, Change::OwnershipGained(fact)).await?;
    Ok(())
}

async fn set_main(conn: &mut Conn, app: &App, user: &users::User, login: &VerifiedLogin) -> Result<()> {
    let cause = Cause::new(
        acting(user.id, &user.username),
        "main_changed",
        about_user(user),
        format!("{} became the main character.", login.character_name),
    )
    .with_mains(conn, user.main_character_id, login.character_id)
    .await?;
    let change = Change::MainChanged { user_id: user.id, character_id: login.character_id };
    access::apply(conn, app.clock.now(), &cause, change).await?;
    Ok(())
}

async fn register(conn: &mut Conn, app: &App, login: &VerifiedLogin) -> Result<users::User> {
    let username = username::free(conn, &login.character_name).await?;
    let id = users::insert(conn, app.clock.now(), &username).await?;
    let user = users::find(conn, id).await?.ok_or(Error::NotFound)?;
    take_ownership(conn, app, &user, login, "registered").await?;
    set_main(conn, app, &user, login).await?;
    users::find(conn, id).await?.ok_or(Error::NotFound)
}

async fn add_character(
    conn: &mut Conn,
    app: &App,
    user_id: i64,
    login: &VerifiedLogin,
    next: &str,
) -> Result<Outcome> {
    let character_id = login.character_id;
    let previous = owner_of(conn, character_id).await?;
    // Whoever was switched off does not come back through another account.
    if let Some(holder) = holder(conn, login, &previous).await?
        && holder != user_id
        && users::find(conn, holder).await?.is_some_and(|holder| holder.is_disabled())
    {
        return Ok(Outcome::Refused { why: Refusal::Disabled, next: Some(next.to_owned()) });
    }
    // Only now: this counts who is about to lose a character.
    if let Some((other, hash)) = &previous
        && *other != user_id
        && *hash != login.owner_hash
        && !tokens::may_take_by_login(conn, app, *other).await?
    {
        return Ok(Outcome::Refused { why: Refusal::OwnerUnclear, next: Some(next.to_owned()) });
    }
    // Locked in the order of ids, as the engine does.
    if let Some((other, _)) = &previous
        && *other < user_id
    {
        users::find_for_update(conn, *other).await?;
    }
    let Some(user) = users::find_for_update(conn, user_id).await?.filter(|user| user.is_active) else {
        return Ok(Outcome::Refused { why: Refusal::SessionEnded, next: None });
    };
    take_ownership(conn, app, &user, login, "character_added").await?;
    if let Some((other, hash)) = previous
        && other != user_id
    {
        let why = if hash == login.owner_hash {
            "it was added to another account here"
        } else {
            "it now belongs to another EVE account"
        };
        tell_lost(conn, app, other, &login.character_name, why).await?;
    }
    if user.main_character_id.is_none() {
        set_main(conn, app, &user, login).await?;
    }
    tokens::store(conn, app, user_id, login).await?;
    jobs::enqueue(conn, &RefreshCharacters { user_id }).await?;
    Ok(Outcome::Added { character_id, next: next.to_owned() })
}
