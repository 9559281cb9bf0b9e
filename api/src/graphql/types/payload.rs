//! Inputs and payloads of mutations: a status for what users can cause, and problems by field.

use async_graphql::{Enum, ID, InputObject, SimpleObject};

use super::{character::Character, preview::AccessPreview};
use crate::{
    error,
    graphql::{loaders::Time, scalars::EveId},
};

/// Something wrong with the input, for a form to show beside the field.
#[derive(SimpleObject)]
pub struct Problem {
    /// Path of the input field, for example `email`.
    field: String,
    /// Machine-readable code, for example `required`, `invalid`, `too_long`.
    code: String,
    /// One sentence in English.
    message: String,
}

impl From<error::Problem> for Problem {
    fn from(p: error::Problem) -> Self {
        Self { field: p.field.into(), code: p.code.into(), message: p.message }
    }
}

macro_rules! status {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        pub enum $name { $($(#[$vdoc])* $variant),* }
    )*};
}

status! {
    /// The outcome of the e-mail step.
    RegisterStatus {
        /// Address verification is off: the user is active and logged in.
        Activated,
        /// Nothing was done: see `problems`.
        Invalid,
        /// A link is on its way to the address.
        MailSent,
    }
    /// The outcome of following the link.
    ConfirmEmailStatus {
        /// The address is confirmed.
        Confirmed,
        /// The link is unknown, used or too old.
        Invalid,
    }
    /// The outcome of a password login.
    LoginWithPasswordStatus {
        /// Name and password do not match; which of them is wrong is not revealed.
        Invalid,
        /// The browser has a session.
        LoggedIn,
    }
    /// The outcome of a logout.
    LogoutStatus {
        /// The browser no longer has a session.
        LoggedOut,
    }
    /// The outcome of ending a session.
    RevokeSessionStatus {
        /// The viewer has no such session.
        NotFound,
        /// It has ended.
        Revoked,
    }
    /// The outcome of choosing a main.
    SetMainCharacterStatus {
        /// It is the main character now.
        Changed,
        /// It is not one of the viewer's characters.
        NotOwned,
        /// Nothing was written: `preview` says what would come of it.
        Preview,
        /// It was that already.
        Unchanged,
    }
    /// The outcome of asking EVE.
    RefreshCharactersStatus {
        /// EVE is being asked.
        Queued,
        /// Only once a minute is possible: see `availableAt`.
        TooSoon,
    }
    /// The outcome of beginning to link.
    LinkServiceStatus {
        /// There is an account already.
        AlreadyLinked,
        /// The viewer may not use the service.
        NotAllowed,
        /// Continue at `redirectUrl`.
        Redirect,
    }
    /// The outcome of unlinking.
    UnlinkServiceStatus {
        /// There is no account.
        NotLinked,
        /// The account is being removed.
        Unlinking,
    }
    /// The outcome of marking notifications as read.
    ReadNotificationsStatus {
        /// They are marked as read.
        Done,
    }
    /// The outcome of saving preferences.
    UpdatePreferencesStatus {
        /// Nothing was done: see `problems`.
        Invalid,
        /// They are saved.
        Saved,
    }
}

macro_rules! objects {
    ($($(#[$doc:meta])* $kind:ident $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive($kind)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }
    )*};
}

objects! {
    /// How to finish the registration.
    InputObject RegisterInput {
        /// The address to mail a link to.
        email: String,
    }
    /// The outcome of registering.
    SimpleObject RegisterPayload {
        /// The outcome.
        status: RegisterStatus,
        /// What is wrong, by field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
    }
    /// A link that was mailed.
    InputObject ConfirmEmailInput {
        /// The token in the link.
        token: String,
    }
    /// The outcome of confirming an address.
    SimpleObject ConfirmEmailPayload {
        /// The outcome.
        status: ConfirmEmailStatus,
        /// What is wrong, by field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// Where to go next: a path on this site.
        next: Option<String>,
    }
    /// A name and a password; only superusers may have one.
    InputObject LoginWithPasswordInput {
        /// The user name.
        username: String,
        /// The password.
        password: String,
    }
    /// The outcome of logging in.
    SimpleObject LoginWithPasswordPayload {
        /// The outcome.
        status: LoginWithPasswordStatus,
        /// What is wrong; empty if `status` is `LOGGED_IN`.
        problems: Vec<Problem>,
    }
    /// The outcome of logging out.
    SimpleObject LogoutPayload {
        /// The outcome.
        status: LogoutStatus,
    }
    /// The session to end.
    InputObject RevokeSessionInput {
        /// The session.
        id: ID,
    }
    /// The outcome of ending a session.
    SimpleObject RevokeSessionPayload {
        /// The outcome.
        status: RevokeSessionStatus,
    }
    /// The character to choose as main.
    InputObject SetMainCharacterInput {
        /// One of the viewer's characters.
        character_id: EveId,
        /// Whether nothing is done yet, and only what would follow is wanted.
        #[graphql(default)]
        preview: bool,
    }
    /// The outcome of choosing a main character.
    SimpleObject SetMainCharacterPayload {
        /// The outcome.
        status: SetMainCharacterStatus,
        /// The main character now; null where `status` is `NOT_OWNED` or `PREVIEW`.
        character: Option<Character>,
        /// What follows for the viewer, or would; null where nothing was looked at.
        preview: Option<AccessPreview>,
    }
    /// The outcome of asking EVE again.
    SimpleObject RefreshCharactersPayload {
        /// The outcome.
        status: RefreshCharactersStatus,
        /// When it may be asked again.
        available_at: Option<Time>,
    }
    /// The service to link.
    InputObject LinkServiceInput {
        /// The service's key, for example `discord`.
        service: String,
    }
    /// The outcome of linking a service.
    SimpleObject LinkServicePayload {
        /// The outcome.
        status: LinkServiceStatus,
        /// What is wrong; empty if `status` is REDIRECT.
        problems: Vec<Problem>,
        /// Where the browser has to go to prove which account belongs to the viewer.
        redirect_url: Option<String>,
    }
    /// The service to unlink.
    InputObject UnlinkServiceInput {
        /// The service's key, for example `discord`.
        service: String,
    }
    /// The outcome of unlinking a service.
    SimpleObject UnlinkServicePayload {
        /// The outcome.
        status: UnlinkServiceStatus,
    }
    /// The notifications to mark as read.
    InputObject ReadNotificationsInput {
        /// Absent: all unread ones.
        ids: Option<Vec<ID>>,
    }
    /// The outcome of marking notifications as read.
    SimpleObject ReadNotificationsPayload {
        /// The outcome.
        status: ReadNotificationsStatus,
        /// How many were marked.
        count: i32,
    }
    /// What to remember of the viewer's preferences for the SPA.
    InputObject UpdatePreferencesInput {
        /// A language of the SPA, for example `en`.
        language: Option<String>,
        /// `auto`, `light`, `dark`, or a Bootswatch theme's name.
        theme: Option<String>,
    }
    /// The outcome of saving preferences.
    SimpleObject UpdatePreferencesPayload {
        /// The outcome.
        status: UpdatePreferencesStatus,
        /// What is wrong, by field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
    }
}
