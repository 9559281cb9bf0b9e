//! The search for everything.

texts! {
    title => En "Search";
    placeholder => En "Pilots, corporations, groups, pages";
    placeholder_member => En "Groups, your characters, pages";
    results => En "Results";
    pages => En "Pages";
    users => En "Users";
    characters => En "Characters";
    corporations => En "Corporations";
    alliances => En "Alliances";
    groups => En "Groups";
    hint => En "Two letters are enough. Arrow keys choose, Enter opens, Esc closes.";
    asking => En "Searching";
    none(what: &str) => En "No results for “{what}”";
    none_hint => En "Try the beginning of the name.";
    found(n: i32) => En [n; one "{n} result", other "{n} results"];
    outside(site: &str) => En "opens {site}";
}
