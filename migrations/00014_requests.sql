-- +goose Up
-- When the person last gave the password again in this session, before signing.
alter table sessions add stepped_up_at timestamptz;
