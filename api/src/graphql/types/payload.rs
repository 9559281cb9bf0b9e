//! Inputs and payloads of mutations: a status for what users can cause, problems by field.

use async_graphql::{Enum, ID, InputObject, SimpleObject};

use super::character::Character;
use crate::{
    error,
    graphql::{loaders::Time, scalars::EveId},
};

/// What is wrong with the input, for a form to show beside the field.
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
    /// What came of the e-mail step.
    RegisterStatus {
        /// Verification of addresses is off: the user is active and logged in.
        Activated,
        Invalid,
        MailSent,
    }
    /// What came of the link.
    ConfirmEmailStatus { Confirmed, Invalid }
    /// What came of a password login.
    LoginWithPasswordStatus { Invalid, LoggedIn }
    /// What came of a logout.
    LogoutStatus { LoggedOut }
    /// What came of ending a session.
    RevokeSessionStatus { NotFound, Revoked }
    /// What came of choosing a main.
    SetMainCharacterStatus { Changed, NotOwned, Unchanged }
    /// What came of asking EVE.
    RefreshCharactersStatus { Queued, TooSoon }
    /// What comes first when linking.
    LinkServiceStatus { AlreadyLinked, NotAllowed, Redirect }
    /// What came of unlinking.
    UnlinkServiceStatus { NotLinked, Unlinking }
    /// What came of reading.
    ReadNotificationsStatus { Done }
    /// What came of saving preferences.
    UpdatePreferencesStatus { Invalid, Saved }
}

macro_rules! objects {
    ($($(#[$doc:meta])* $kind:ident $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive($kind)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }
    )*};
}

objects! {
    InputObject RegisterInput { email: String }
    SimpleObject RegisterPayload { status: RegisterStatus, problems: Vec<Problem> }
    InputObject ConfirmEmailInput { token: String }
    SimpleObject ConfirmEmailPayload {
        status: ConfirmEmailStatus,
        problems: Vec<Problem>,
        /// Where to go next: a path within this site.
        next: Option<String>,
    }
    InputObject LoginWithPasswordInput { username: String, password: String }
    SimpleObject LoginWithPasswordPayload { status: LoginWithPasswordStatus, problems: Vec<Problem> }
    SimpleObject LogoutPayload { status: LogoutStatus }
    InputObject RevokeSessionInput { id: ID }
    SimpleObject RevokeSessionPayload { status: RevokeSessionStatus }
    InputObject SetMainCharacterInput { character_id: EveId }
    SimpleObject SetMainCharacterPayload { status: SetMainCharacterStatus, character: Option<Character> }
    SimpleObject RefreshCharactersPayload {
        status: RefreshCharactersStatus,
        /// When it may be asked again.
        available_at: Option<Time>,
    }
    InputObject LinkServiceInput {
        /// The service's key, for example `discord`.
        service: String,
    }
    SimpleObject LinkServicePayload {
        status: LinkServiceStatus,
        problems: Vec<Problem>,
        /// Where the browser has to go to prove which account is his.
        redirect_url: Option<String>,
    }
    InputObject UnlinkServiceInput {
        /// The service's key, for example `discord`.
        service: String,
    }
    SimpleObject UnlinkServicePayload { status: UnlinkServiceStatus }
    InputObject ReadNotificationsInput {
        /// Absent: all unread ones.
        ids: Option<Vec<ID>>,
    }
    SimpleObject ReadNotificationsPayload {
        status: ReadNotificationsStatus,
        /// How many were marked.
        count: i32,
    }
    InputObject UpdatePreferencesInput {
        /// A language of the SPA, for example `en`.
        language: Option<String>,
        /// `auto`, `light`, `dark`, or a Bootswatch theme's name.
        theme: Option<String>,
    }
    SimpleObject UpdatePreferencesPayload { status: UpdatePreferencesStatus, problems: Vec<Problem> }
}
