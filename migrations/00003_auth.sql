-- +goose Up
create table accounts (
  person_id uuid primary key references persons (id),
  username text not null constraint accounts_username_format check (username ~ '^[a-z0-9_.-]{3,64}$') constraint accounts_username_unique unique,
  password_hash text not null,
  must_change boolean not null default true,
  failures integer not null default 0,
  locked_until timestamptz,
  disabled_at timestamptz,
  demo boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null,
  changed_at timestamptz not null
);
create table sessions (
  id uuid primary key,
  token_hash bytea not null constraint sessions_token_unique unique, -- SHA-256 of the cookie's secret
  person_id uuid not null references persons (id),
  appointment_id uuid references appointments (id), -- null until one is chosen
  device text not null,
  address text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text
);
create index sessions_person on sessions (person_id, created_at desc);
-- Failed attempts by address, for the rate limit.
create table sign_in_failures (address text not null, at timestamptz not null);
create index sign_in_failures_address on sign_in_failures (address, at);
