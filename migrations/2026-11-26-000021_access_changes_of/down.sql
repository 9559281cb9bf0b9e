drop index access_changes_of_state;
drop index access_changes_of_group;
