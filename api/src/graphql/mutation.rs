//! The core mutations, and what they share.

use async_graphql::{Context, Object};
use fealty_shared::id::{NotificationId, SessionId};

use super::{
    connection::count,
    context::{CookieChange, app, request, viewer},
    guards::Declared,
    input,
    loaders::CharacterKey,
    types::{character::Character, payload::*, rows},
};
use crate::{
    access::edit::Way,
    error::{self, Error, Result},
    identity::{
        characters::{self, MainSet},
        password,
        preferences::{self, Preferences},
        registration::{self, Confirmed, Registered},
        session,
    },
    notifications,
    services::link::{self, LinkStart},
    upstream::Secret,
};

/// Anything longer is not one of our secrets.
const MAX_TOKEN: usize = 200;
/// The most notifications marked as read in one call.
const MAX_NOTIFICATIONS: usize = 1_000;

/// The viewer's own account, characters, services and notifications.
#[derive(Debug, Default)]
pub struct CoreMutation;

#[Object]
impl CoreMutation {
    /// Step 2 of a registration: mails a confirmation link to the address.
    #[graphql(guard = "Declared(\"Mutation.register\")")]
    async fn register(&self, ctx: &Context<'_>, input: RegisterInput) -> Result<RegisterPayload> {
        let (app, request) = (app(ctx)?, request(ctx)?);
        let session = request.registration.as_ref().ok_or(Error::Unauthenticated)?;
        let (status, problems) =
            match registration::register(app, session, &input.email, &request.user_agent).await? {
                Registered::MailSent => (RegisterStatus::MailSent, Vec::new()),
                Registered::Activated(secret) => {
                    request.change_cookie(CookieChange::Session(secret));
                    (RegisterStatus::Activated, Vec::new())
                }
                Registered::Invalid(problem) => (RegisterStatus::Invalid, vec![problem.into()]),
            };
        Ok(RegisterPayload { status, problems })
    }

    /// Step 3 of a registration: activates the user the link was mailed for, and logs this browser in if it is
    /// the one that registered.
    #[graphql(guard = "Declared(\"Mutation.confirmEmail\")")]
    async fn confirm_email(
        &self,
        ctx: &Context<'_>,
        input: ConfirmEmailInput,
    ) -> Result<ConfirmEmailPayload> {
        let (app, request) = (app(ctx)?, request(ctx)?);
        if input.token.len() > MAX_TOKEN {
            return Err(Error::invalid("token", "too_long", "This is not one of our links."));
        }
        let session = request.registration.as_ref();
        let (status, problems, next) =
            match registration::confirm(app, &input.token, session, &request.user_agent).await? {
                Confirmed::LoggedIn(secret) => {
                    request.change_cookie(CookieChange::Session(secret));
                    (ConfirmEmailStatus::Confirmed, Vec::new(), Some("/".to_owned()))
                }
                Confirmed::Activated => {
                    (ConfirmEmailStatus::Confirmed, Vec::new(), Some("/login".to_owned()))
                }
                Confirmed::Invalid(problem) => (ConfirmEmailStatus::Invalid, vec![problem.into()], None),
            };
        Ok(ConfirmEmailPayload { status, problems, next })
    }

    /// Logs in with user name and password: for superusers created by `fealtyctl`.
    #[graphql(guard = "Declared(\"Mutation.loginWithPassword\")")]
    async fn login_with_password(
        &self,
        ctx: &Context<'_>,
        input: LoginWithPasswordInput,
    ) -> Result<LoginWithPasswordPayload> {
        let (app, request) = (app(ctx)?, request(ctx)?);
        let username = input.username.replace('\0', "");
        let session =
            password::login(app, &username, &input.password, &request.address, &request.user_agent).await?;
        let Some(secret) = session else {
            let problem = error::Problem {
                field: "password",
                code: "invalid",
                message: "User name or password is wrong.".into(),
            };
            return Ok(LoginWithPasswordPayload {
                status: LoginWithPasswordStatus::Invalid,
                problems: vec![problem.into()],
            });
        };
        request.change_cookie(CookieChange::Session(secret));
        Ok(LoginWithPasswordPayload { status: LoginWithPasswordStatus::LoggedIn, problems: Vec::new() })
    }

    /// Ends the session this request was made with.
    #[graphql(guard = "Declared(\"Mutation.logout\")")]
    async fn logout(&self, ctx: &Context<'_>) -> Result<LogoutPayload> {
        let (app, request) = (app(ctx)?, request(ctx)?);
        let current = request.viewer.as_ref().and_then(|v| v.session_id.map(|id| (v.user.id, id)));
        let current = current.or_else(|| request.registration.as_ref().map(|s| (s.user.id, s.id)));
        if let Some((user_id, id)) = current {
            let mut conn = app.db.conn().await?;
            session::end(&mut conn, user_id, id).await?;
        }
        request.change_cookie(CookieChange::ForgetSession);
        Ok(LogoutPayload { status: LogoutStatus::LoggedOut })
    }

    /// Ends another of the viewer's sessions.
    #[graphql(guard = "Declared(\"Mutation.revokeSession\")")]
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        input: RevokeSessionInput,
    ) -> Result<RevokeSessionPayload> {
        let id = input::id::<SessionId>("id", &input.id)?;
        let mut conn = app(ctx)?.db.conn().await?;
        let ended = session::end(&mut conn, viewer(ctx)?.user.id, id).await?;
        let status = if ended { RevokeSessionStatus::Revoked } else { RevokeSessionStatus::NotFound };
        Ok(RevokeSessionPayload { status })
    }

    /// Makes one of the viewer's characters their main.
    #[graphql(guard = "Declared(\"Mutation.setMainCharacter\")")]
    async fn set_main_character(
        &self,
        ctx: &Context<'_>,
        input: SetMainCharacterInput,
    ) -> Result<SetMainCharacterPayload> {
        use SetMainCharacterStatus as Status;
        let viewer = viewer(ctx)?;
        let id = input.character_id.0;
        let way = if input.preview { Way::Look } else { Way::AtOnce };
        let set = characters::set_main(app(ctx)?, viewer.actor(), viewer.user.id, id, way).await?;
        let (status, preview) = match set {
            MainSet::Changed(edit) => (Status::Changed, Some(edit.into())),
            MainSet::Looked(edit) => (Status::Preview, Some(edit.into())),
            MainSet::Unchanged => (Status::Unchanged, None),
            MainSet::NotOwned => (Status::NotOwned, None),
        };
        let character = match status {
            Status::NotOwned | Status::Preview => None,
            Status::Changed | Status::Unchanged => {
                rows(ctx)?.load_one(CharacterKey(id)).await?.map(Character)
            }
        };
        Ok(SetMainCharacterPayload { status, character, preview })
    }

    /// Asks EVE now where the viewer's characters fly.
    #[graphql(guard = "Declared(\"Mutation.refreshCharacters\")")]
    async fn refresh_characters(&self, ctx: &Context<'_>) -> Result<RefreshCharactersPayload> {
        Ok(match characters::refresh(app(ctx)?, viewer(ctx)?.user.id).await? {
            Ok(at) => {
                RefreshCharactersPayload { status: RefreshCharactersStatus::Queued, available_at: Some(at) }
            }
            Err(at) => {
                RefreshCharactersPayload { status: RefreshCharactersStatus::TooSoon, available_at: Some(at) }
            }
        })
    }

    /// Begins to link the viewer's account on a service.
    #[graphql(guard = "Declared(\"Mutation.linkService\")")]
    async fn link_service(&self, ctx: &Context<'_>, input: LinkServiceInput) -> Result<LinkServicePayload> {
        let (app, request) = (app(ctx)?, request(ctx)?);
        let browser = request.browser.clone().map(Secret::new);
        let payload =
            |status, redirect_url| LinkServicePayload { status, problems: Vec::new(), redirect_url };
        Ok(match link::start(app, viewer(ctx)?.user.id, &input.service, browser).await? {
            LinkStart::Redirect { url, browser } => {
                request.change_cookie(CookieChange::Browser(browser));
                payload(LinkServiceStatus::Redirect, Some(url))
            }
            LinkStart::AlreadyLinked => payload(LinkServiceStatus::AlreadyLinked, None),
            LinkStart::NotAllowed => payload(LinkServiceStatus::NotAllowed, None),
        })
    }

    /// Unlinks the viewer's account on a service: it is removed there.
    #[graphql(guard = "Declared(\"Mutation.unlinkService\")")]
    async fn unlink_service(
        &self,
        ctx: &Context<'_>,
        input: UnlinkServiceInput,
    ) -> Result<UnlinkServicePayload> {
        let viewer = viewer(ctx)?;
        let unlinked =
            link::unlink(app(ctx)?, viewer.actor(), viewer.user.id, &input.service.replace('\0', "")).await?;
        let status = if unlinked { UnlinkServiceStatus::Unlinking } else { UnlinkServiceStatus::NotLinked };
        Ok(UnlinkServicePayload { status })
    }

    /// Marks notifications as read: those given, or all of the viewer's.
    #[graphql(guard = "Declared(\"Mutation.readNotifications\")")]
    async fn read_notifications(
        &self,
        ctx: &Context<'_>,
        input: ReadNotificationsInput,
    ) -> Result<ReadNotificationsPayload> {
        let app = app(ctx)?;
        let ids = input::some_ids::<NotificationId>("ids", input.ids.as_deref(), MAX_NOTIFICATIONS)?;
        let mut conn = app.db.conn().await?;
        let user_id = viewer(ctx)?.user.id;
        let marked = notifications::mark_read(&mut conn, app.clock.now(), user_id, ids.as_deref()).await?;
        Ok(ReadNotificationsPayload { status: ReadNotificationsStatus::Done, count: count(marked) })
    }

    /// Saves the viewer's preferences for the SPA; absent fields stay as they are.
    #[graphql(guard = "Declared(\"Mutation.updatePreferences\")")]
    async fn update_preferences(
        &self,
        ctx: &Context<'_>,
        input: UpdatePreferencesInput,
    ) -> Result<UpdatePreferencesPayload> {
        let wanted = Preferences { language: input.language, theme: input.theme };
        let saved = preferences::save(app(ctx)?, viewer(ctx)?.user.id, wanted).await;
        let (status, problems) = match saved {
            Ok(()) => (UpdatePreferencesStatus::Saved, Vec::new()),
            Err(Error::Invalid(problems)) => {
                (UpdatePreferencesStatus::Invalid, problems.into_iter().map(Into::into).collect())
            }
            Err(error) => return Err(error),
        };
        Ok(UpdatePreferencesPayload { status, problems })
    }
}
