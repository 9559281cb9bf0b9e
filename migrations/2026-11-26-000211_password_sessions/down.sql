alter table sessions drop column is_by_password;
