alter table notifications drop column about;
