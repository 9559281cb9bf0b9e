delete from service_roles where num_nonnulls(state_id, group_id) = 0;
alter table service_roles
    drop constraint service_roles_state_id_fkey,
    add constraint service_roles_state_id_fkey foreign key (state_id) references states on delete cascade,
    drop constraint service_roles_group_id_fkey,
    add constraint service_roles_group_id_fkey foreign key (group_id) references groups on delete cascade,
    drop constraint service_roles_check,
    add constraint service_roles_check check (num_nonnulls(state_id, group_id) = 1);
comment on table service_roles is null;
