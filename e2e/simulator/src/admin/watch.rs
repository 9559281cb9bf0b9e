//! Faults, the request log and starting over.

use serde::Deserialize;
use serde_json::json;

use super::{AdminError, Outcome, Question, done};
use crate::{faults::Fault, handle::Handle, log::Upstream};

pub(super) fn faults(handle: &Handle, _question: &Question) -> Outcome {
    Ok(json!({ "faults": handle.faults() }))
}

pub(super) fn add_fault(handle: &Handle, fault: &Fault) -> Outcome {
    Ok(json!({ "id": handle.add_fault(fault.clone()) }))
}

/// All of them, or with `?upstream=` those of one.
pub(super) fn clear_faults(handle: &Handle, question: &Question) -> Outcome {
    handle.clear_faults(question.parse("upstream")?);
    done()
}

pub(super) fn remove_fault(handle: &Handle, question: &Question) -> Outcome {
    let id = question.last.parse().map_err(AdminError::bad)?;
    if handle.remove_fault(id) { done() } else { Err(AdminError::missing(format!("no fault {id}"))) }
}

/// `?upstream=`, `?after=` a sequence number, `?limit=` to get only the latest ones; oldest first.
pub(super) fn requests(handle: &Handle, question: &Question) -> Outcome {
    let upstream: Option<Upstream> = question.parse("upstream")?;
    let after: u64 = question.parse("after")?.unwrap_or(0);
    let limit: usize = question.parse("limit")?.unwrap_or(200);
    let mut requests = upstream.map_or_else(|| handle.all_requests(), |upstream| handle.requests(upstream));
    requests.retain(|request| request.sequence > after);
    requests.drain(..requests.len().saturating_sub(limit));
    Ok(json!({ "requests": requests, "counters": handle.counters() }))
}

pub(super) fn clear_requests(handle: &Handle, _question: &Question) -> Outcome {
    handle.clear_requests();
    done()
}

/// A body without fields.
#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) fn reset(handle: &Handle, _body: &Nothing) -> Outcome {
    handle.reset();
    done()
}

pub(super) fn reset_limits(handle: &Handle, _body: &Nothing) -> Outcome {
    handle.reset_limits();
    done()
}
