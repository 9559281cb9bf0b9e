//! Something the server has been asked for.

use super::ApiError;

/// Loading, there, or failed. While a value is there and asked for again, it stays.
#[derive(Clone, Debug, PartialEq)]
pub enum Remote<T> {
    /// Asked, no answer yet.
    Loading,
    /// The newest answer.
    Ready(T),
    /// No answer to show.
    Failed(ApiError),
}

impl<T> Remote<T> {
    /// The value, where there is one.
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            _ => None,
        }
    }

    /// Takes an answer in. A failed refresh does not wipe out what is shown: old is better than nothing, and the next
    /// refresh will tell. Only what must not stay on the screen is replaced, and what answers another question than
    /// the one `asked_again` now: rows beside a filter that they do not fit.
    pub fn settle(&mut self, answer: Result<T, ApiError>, asked_again: bool) {
        use super::ErrorCode::{Forbidden, NotFound, Unauthenticated};
        match answer {
            Ok(value) => *self = Self::Ready(value),
            Err(error) => {
                let keep = asked_again
                    && matches!(self, Self::Ready(_))
                    && !matches!(error.code, Forbidden | NotFound | Unauthenticated);
                if !keep {
                    *self = Self::Failed(error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ErrorCode;
    use super::*;

    #[test]
    fn a_failed_refresh_keeps_what_is_shown() {
        let mut remote = Remote::Ready(1);
        remote.settle(Err(ApiError::of(ErrorCode::Offline)), true);
        assert_eq!(remote, Remote::Ready(1));
        remote.settle(Ok(2), true);
        assert_eq!(remote.ready(), Some(&2));
    }

    #[test]
    fn what_was_shown_is_no_answer_to_another_question() {
        let mut remote = Remote::Ready(1);
        remote.settle(Err(ApiError::of(ErrorCode::Invalid)), false);
        assert_eq!(remote, Remote::Failed(ApiError::of(ErrorCode::Invalid)));
    }

    #[test]
    fn what_is_no_longer_allowed_goes() {
        let mut remote = Remote::Ready(1);
        remote.settle(Err(ApiError::of(ErrorCode::Forbidden)), true);
        assert_eq!(remote.ready(), None);
    }

    #[test]
    fn a_failed_first_load_shows() {
        let mut remote = Remote::<u8>::Loading;
        remote.settle(Err(ApiError::of(ErrorCode::Offline)), false);
        assert_eq!(remote, Remote::Failed(ApiError::of(ErrorCode::Offline)));
    }
}
