//! How mails are sent: through a mail server, or in development into a folder that `/dev/outbox` shows.

use std::path::PathBuf;

use lettre::{
    AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use crate::{
    config,
    error::{Error, Result},
};

enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Outbox(AsyncFileTransport<Tokio1Executor>, PathBuf),
}

/// Sends mails.
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

/// A mail to send.
#[derive(Debug)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Mailer {
    /// Sets it up from the settings.
    ///
    /// # Errors
    /// When the sender or server address cannot be parsed, or the outbox folder cannot be created.
    pub fn new(settings: &config::Mail) -> Result<Self> {
        let (config::Mail::Smtp { from, .. } | config::Mail::Outbox { from, .. }) = settings;
        let from = from.parse().map_err(Error::internal)?;
        let transport = match settings {
            config::Mail::Smtp { smtp_url, .. } => Transport::Smtp(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url.expose())
                    .map_err(Error::internal)?
                    .timeout(Some(std::time::Duration::from_secs(15)))
                    .build(),
            ),
            config::Mail::Outbox { outbox_dir, .. } => {
                std::fs::create_dir_all(outbox_dir).map_err(Error::internal)?;
                Transport::Outbox(AsyncFileTransport::new(outbox_dir), outbox_dir.clone())
            }
        };
        Ok(Self { from, transport })
    }

    /// The development folder, if mails go there.
    #[must_use]
    pub fn outbox(&self) -> Option<&PathBuf> {
        match &self.transport {
            Transport::Outbox(_, dir) => Some(dir),
            Transport::Smtp(_) => None,
        }
    }

    /// Sends one mail, as text and HTML.
    ///
    /// # Errors
    /// `Upstream` when the server does not accept it; `Invalid` for an address that no mail can be sent to.
    pub async fn send(&self, mail: Mail) -> Result<()> {
        let to: Mailbox = mail.to.parse().map_err(|_| Error::invalid("to", "invalid", "not an address"))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject)
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".into(),
            ))
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(Error::internal)?;
        match &self.transport {
            Transport::Smtp(smtp) => smtp
                .send(message)
                .await
                .map(|_| ())
                .map_err(|e| Error::Upstream { service: "mail", detail: e.to_string() }),
            Transport::Outbox(files, _) => files.send(message).await.map(|_| ()).map_err(Error::internal),
        }
    }
}

/// Makes a text safe inside HTML.
#[must_use]
pub fn escape_html(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
        out
    })
}
