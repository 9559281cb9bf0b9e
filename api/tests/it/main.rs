//! Fealty's integration tests: a database of its own for each test, the real simulator, the real routes.
//!
//! They need PostgreSQL: `FEALTY_TEST_DATABASE_URL` names a cluster where databases can be made (`make test` starts one).

mod access;
mod audit;
mod bad_input;
mod bots;
mod brakes;
mod clocks;
mod conditions;
mod database;
mod edits;
mod groups;
mod guards;
mod insight;
mod lanes;
mod live;
mod login;
mod logs;
mod notifications;
mod operator;
mod orders;
mod own;
mod registration;
mod schema;
mod search;
mod services;
mod silence;
mod sockets;
mod superusers;
mod support;
mod sync;
mod tokens;
mod watch;
