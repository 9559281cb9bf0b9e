//! Words used in many places.

texts! {
    undo => En "Undo";
    loading => En "Loading";
    close => En "Close";
    cancel => En "Cancel";
    written => En "Use Cancel or the close button to discard what you wrote.";
    held => En "This is being saved and closes by itself.";
    never => En "Never";
    dismiss => En "Dismiss";
    show_all => En "Show all";
    of_what(what: &str, of: &str) => En "{what}: {of}";
    previous_page => En "Previous";
    next_page => En "Next";
    pages => En "Pages";
    main => En "Main";
    biomassed => En "Biomassed";
    main_character => En "Main character";
    corporation_unknown => En "Corporation not known yet";
    state => En "State";
    sorted_ascending => En "sorted ascending";
    sorted_descending => En "sorted descending";
    sort_by => En "Sort by";
    ascending(column: &str) => En "{column}, ascending";
    descending(column: &str) => En "{column}, descending";
    columns => En "Columns";
    columns_mean => En "What the columns mean";
    select_all => En "Select all shown";
    selected(n: i32) => En [n; one "{n} selected", other "{n} selected"];
    clear_selection => En "Clear selection";
    skip_to_content => En "Skip to content";
    new_window => En "opens in a new tab";
    about_pilot(name: &str) => En "About {name}";
}
