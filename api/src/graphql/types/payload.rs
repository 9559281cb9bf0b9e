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
        /// Nothing was done: see `problems`.
        Invalid,
        /// A link is on its way to the address.
        MailSent,
    }
    /// What came of the link.
    ConfirmEmailStatus {
        /// The address is confirmed.
        Confirmed,
        /// The link is unknown, used or too old.
        Invalid,
    }
    /// What came of a password login.
    LoginWithPasswordStatus {
        /// Name and password do not fit; which of them is not said.
        Invalid,
        /// The browser has a session.
        LoggedIn,
    }
    /// What came of a logout.
    LogoutStatus {
        /// The browser has no session any more.
        LoggedOut,
    }
    /// What came of ending a session.
    RevokeSessionStatus {
        /// The viewer has no such session.
        NotFound,
        /// It has ended.
        Revoked,
    }
    /// What came of choosing a main.
    SetMainCharacterStatus {
        /// It is the main character now.
        Changed,
        /// It is not one of the viewer's characters.
        NotOwned,
        /// It was that already.
        Unchanged,
    }
    /// What came of asking EVE.
    RefreshCharactersStatus {
        /// EVE is being asked.
        Queued,
        /// Once a minute is enough: see `availableAt`.
        TooSoon,
    }
    /// What comes first when linking.
    LinkServiceStatus {
        /// There is an account already.
        AlreadyLinked,
        /// He may not use the service.
        NotAllowed,
        /// Go on at `redirectUrl`.
        Redirect,
    }
    /// What came of unlinking.
    UnlinkServiceStatus {
        /// There is no account.
        NotLinked,
        /// The account is being removed.
        Unlinking,
    }
    /// What came of reading.
    ReadNotificationsStatus {
        /// They are read.
        Done,
    }
    /// What came of saving preferences.
    UpdatePreferencesStatus {
        /// Nothing was done: see `problems`.
        Invalid,
        /// They are remembered.
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
        /// The address that a link is mailed to.
        email: String,
    }
    /// What came of registering.
    SimpleObject RegisterPayload {
        /// What came of it.
        status: RegisterStatus,
        /// What is wrong with which field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
    }
    /// A link that was mailed.
    InputObject ConfirmEmailInput {
        /// From the link.
        token: String,
    }
    /// What came of confirming an address.
    SimpleObject ConfirmEmailPayload {
        /// What came of it.
        status: ConfirmEmailStatus,
        /// What is wrong with which field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
        /// Where to go next: a path within this site.
        next: Option<String>,
    }
    /// A name and a password; only superusers may have one.
    InputObject LoginWithPasswordInput {
        /// The user name.
        username: String,
        /// The password.
        password: String,
    }
    /// What came of logging in.
    SimpleObject LoginWithPasswordPayload {
        /// What came of it.
        status: LoginWithPasswordStatus,
        /// What is wrong; empty where `status` is `LOGGED_IN`.
        problems: Vec<Problem>,
    }
    /// What came of logging out.
    SimpleObject LogoutPayload {
        /// What came of it.
        status: LogoutStatus,
    }
    /// Which session to end.
    InputObject RevokeSessionInput {
        /// Which session.
        id: ID,
    }
    /// What came of ending a session.
    SimpleObject RevokeSessionPayload {
        /// What came of it.
        status: RevokeSessionStatus,
    }
    /// Which character to go by.
    InputObject SetMainCharacterInput {
        /// One of the viewer's characters.
        character_id: EveId,
    }
    /// What came of choosing a main character.
    SimpleObject SetMainCharacterPayload {
        /// What came of it.
        status: SetMainCharacterStatus,
        /// The main character now; null where `status` is `NOT_OWNED`.
        character: Option<Character>,
    }
    /// What came of asking EVE anew.
    SimpleObject RefreshCharactersPayload {
        /// What came of it.
        status: RefreshCharactersStatus,
        /// When it may be asked again.
        available_at: Option<Time>,
    }
    /// Which service to link.
    InputObject LinkServiceInput {
        /// The service's key, for example `discord`.
        service: String,
    }
    /// What came of linking a service.
    SimpleObject LinkServicePayload {
        /// What came of it.
        status: LinkServiceStatus,
        /// What is wrong; empty where `status` is REDIRECT.
        problems: Vec<Problem>,
        /// Where the browser has to go to prove which account is his.
        redirect_url: Option<String>,
    }
    /// Which service to unlink.
    InputObject UnlinkServiceInput {
        /// The service's key, for example `discord`.
        service: String,
    }
    /// What came of unlinking a service.
    SimpleObject UnlinkServicePayload {
        /// What came of it.
        status: UnlinkServiceStatus,
    }
    /// Which notifications were read.
    InputObject ReadNotificationsInput {
        /// Absent: all unread ones.
        ids: Option<Vec<ID>>,
    }
    /// What came of it.
    SimpleObject ReadNotificationsPayload {
        /// What came of it.
        status: ReadNotificationsStatus,
        /// How many were marked.
        count: i32,
    }
    /// What to remember of how the viewer likes the pages.
    InputObject UpdatePreferencesInput {
        /// A language of the SPA, for example `en`.
        language: Option<String>,
        /// `auto`, `light`, `dark`, or a Bootswatch theme's name.
        theme: Option<String>,
    }
    /// What came of saving preferences.
    SimpleObject UpdatePreferencesPayload {
        /// What came of it.
        status: UpdatePreferencesStatus,
        /// What is wrong with which field; empty unless `status` is INVALID.
        problems: Vec<Problem>,
    }
}
