//! Edits of the rules: asked first, then made.
//!
//! Every edit goes to the server twice. Without a token the server says what it would do; with the token of that answer
//! it does it, unless the world has moved since. [`EditFlow`] carries one edit through both, `operations` has what is
//! sent and answered, [`super::preview`] shows it.

mod flow;
mod operations;

pub use flow::{EditFlow, Saved};
#[cfg(test)]
pub use operations::documents;
pub use operations::{AccessCount, AccessPreview, AccessPreviewFilter, Names, PreviewedChange};

use super::inputs::{
    CreateGroupInput, CreateStateInput, DeleteGroupInput, DeleteStateInput, UpdateGroupInput,
    UpdateStateInput, UpdateUserInput,
};
use crate::i18n::texts::rules as text;

/// One edit.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A new state.
    CreateState(CreateStateInput),
    /// Another state.
    UpdateState(UpdateStateInput),
    /// No state any more.
    DeleteState(DeleteStateInput),
    /// A new group.
    CreateGroup(CreateGroupInput),
    /// Another group.
    UpdateGroup(UpdateGroupInput),
    /// No group any more.
    DeleteGroup(DeleteGroupInput),
    /// Another user.
    UpdateUser(UpdateUserInput),
}

impl Edit {
    /// What the button says when nobody's access changes.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::CreateState(_) | Self::CreateGroup(_) => text::create(),
            Self::UpdateState(_) | Self::UpdateGroup(_) | Self::UpdateUser(_) => text::save(),
            Self::DeleteState(_) | Self::DeleteGroup(_) => text::delete(),
        }
    }

    /// Whether something is gone afterwards.
    pub fn deletes(&self) -> bool {
        matches!(self, Self::DeleteState(_) | Self::DeleteGroup(_))
    }

    fn creates(&self) -> bool {
        matches!(self, Self::CreateState(_) | Self::CreateGroup(_))
    }

    fn done(&self) -> &'static str {
        match self {
            Self::CreateState(_) | Self::CreateGroup(_) => text::created(),
            Self::UpdateState(_) | Self::UpdateGroup(_) | Self::UpdateUser(_) => text::saved(),
            Self::DeleteState(_) | Self::DeleteGroup(_) => text::deleted(),
        }
    }

    /// The token that makes it count.
    fn with_token(mut self, token: Option<String>) -> Self {
        let place = match &mut self {
            Self::CreateState(input) => &mut input.preview_token,
            Self::UpdateState(input) => &mut input.preview_token,
            Self::DeleteState(input) => &mut input.preview_token,
            Self::CreateGroup(input) => &mut input.preview_token,
            Self::UpdateGroup(input) => &mut input.preview_token,
            Self::DeleteGroup(input) => &mut input.preview_token,
            Self::UpdateUser(input) => &mut input.preview_token,
        };
        *place = token;
        self
    }
}
