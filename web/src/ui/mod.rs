//! The parts every page is made of, each once and without queries of its own.
//!
//! A part takes data and says what happened through callbacks; it may bring the GraphQL fragment it draws. Names and
//! roles for assistive technology are part of a part: a page cannot forget them.

pub mod ago;
pub mod ask;
pub mod badge;
pub mod banner;
pub mod button;
pub mod change_count;
pub mod clock;
pub mod columns;
pub mod confirm;
pub mod empty;
pub mod field;
pub mod filter;
pub mod group_badges;
pub mod guard;
pub mod icon;
pub mod identifier;
pub mod kept;
pub mod listing;
pub mod loaded;
pub mod moment;
pub mod page_header;
pub mod pager;
pub mod person;
pub mod picker;
pub mod pilot;
pub mod portrait;
pub mod search_box;
pub mod segments;
pub mod selection;
pub mod skeleton;
pub mod table;
pub mod tabs;
pub mod theme;
pub mod timeline;
pub mod toast;
pub mod why;
