create schema if not exists crm;
create table crm.customers (customer_id int, zone_id int);
insert into crm.customers values (7, 1), (8, 2);
