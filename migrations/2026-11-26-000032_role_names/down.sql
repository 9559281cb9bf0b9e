drop trigger states_differ_from_groups on states;
drop trigger groups_differ_from_states on groups;
drop function states_and_groups_differ();
