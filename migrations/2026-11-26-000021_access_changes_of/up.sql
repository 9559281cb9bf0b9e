-- What was gained and lost of one group or state, by its id.
create index access_changes_of_group on access_changes using gin ((gained_ids || lost_ids)) where kind = 'group';
create index access_changes_of_state on access_changes using gin ((gained_ids || lost_ids)) where kind = 'state';
comment on index access_changes_of_group is 'History of one group, which is short; that of a state may be everybody''s';
