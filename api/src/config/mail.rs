//! Settings for sending mails.

use std::path::PathBuf;

use serde::Deserialize;

use super::Problems;
use crate::upstream::Secret;

/// How mails are sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "transport", rename_all = "lowercase", deny_unknown_fields)]
pub enum Mail {
    /// A mail server.
    Smtp {
        /// `smtp://`, or `smtps://` with user and password: see `lettre`'s `AsyncSmtpTransport::from_url`.
        smtp_url: Secret,
        /// Sender, for example `Fealty <noreply@example.com>`.
        from: String,
    },
    /// Development: files in a folder, shown at `/dev/outbox`.
    Outbox { outbox_dir: PathBuf, from: String },
}

impl Mail {
    /// Records what is wrong.
    pub fn check(&self, problems: &mut Problems) {
        let (Self::Smtp { from, .. } | Self::Outbox { from, .. }) = self;
        problems.check(
            from.parse::<lettre::message::Mailbox>().is_ok(),
            "mail.from: must be like `Fealty <noreply@example.com>`",
        );
        if let Self::Smtp { smtp_url, .. } = self {
            problems.check(
                ["smtp://", "smtps://"].iter().any(|scheme| smtp_url.expose().starts_with(scheme)),
                "mail.smtp_url: must start with smtp:// or smtps://",
            );
        }
    }
}
