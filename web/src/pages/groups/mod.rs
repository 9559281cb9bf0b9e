//! Groups: the list of those one may join, one by its link, and the pages of those who lead them.
//!
//! `actions` is what a member does (join, request, leave, retract), drawn by `row`; `managed` and `manage` are for
//! leaders and managers, with `members` and `log` as its parts (`add`, `remove` and `looked` are the dialogs of `members`, which the
//! administration has, too). Requests are decided in `pages::inbox`, here too; `part`
//! says how the pages for leaders come to the browser.

pub mod actions;
pub mod add;
pub mod list;
pub mod log;
pub mod looked;
pub mod manage;
pub mod managed;
pub mod members;
pub mod membership;
pub mod part;
pub mod query;
pub mod remove;
pub mod row;
pub mod single;
