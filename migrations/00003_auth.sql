-- +goose Up
create table accounts (
  person_id uuid primary key references persons (id),
  username text not null constraint accounts_username_format check (username ~ '^[a-z0-9_.-]{3,64}$') constraint accounts_username_unique unique,
  password_hash text not null, -- argon2id; '' until an administrator gives a first password
  must_change boolean not null default true,
  disabled_at timestamptz,
  demo boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null,
  changed_at timestamptz not null
);
-- Demo accounts have a password that everybody knows: they exist in a demo installation only.
-- +goose StatementBegin
create function refuse_demo_account() returns trigger language plpgsql as $$ begin
  if new.demo and not (select demo from installation) then
    raise exception 'demo accounts exist in a demo installation only' using errcode = 'check_violation', constraint = 'accounts_demo_only';
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger accounts_demo_only before insert or update of demo on accounts for each row execute function refuse_demo_account();
-- +goose StatementBegin
create function refuse_end_of_demo() returns trigger language plpgsql as $$ begin
  if old.demo and not new.demo and exists (select from accounts where demo) then
    raise exception 'this installation has demo accounts' using errcode = 'check_violation', constraint = 'accounts_demo_only';
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger installation_demo_stays before update of demo on installation for each row execute function refuse_end_of_demo();
-- Roles that need a second factor at sign-in. Empty until a second factor can be set up.
alter table installation add second_factor_roles text[] not null default '{}';

create table sessions (
  id uuid primary key,
  token_hash bytea not null constraint sessions_token_unique unique, -- SHA-256 of the cookie's secret
  person_id uuid not null references persons (id),
  appointment_id uuid references appointments (id), -- null until one is chosen
  second_factor_due boolean not null default false, -- password accepted, second factor not yet given
  device text not null,
  address text not null,
  idle_seconds integer not null constraint sessions_idle check (idle_seconds > 0), -- ends when not used for so long
  created_at timestamptz not null,
  last_used_at timestamptz not null, -- written at most once a minute
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  constraint sessions_end check ((ended_at is null) = (end_reason is null))
);
create index sessions_person on sessions (person_id, created_at desc);
-- Failed attempts by address, for the rate limit.
create table sign_in_failures (address text not null, at timestamptz not null);
create index sign_in_failures_address on sign_in_failures (address, at);
-- Failed attempts by the name that was typed, whether an account has it or not, so that the lockout
-- tells nobody which accounts exist.
create table sign_in_names (
  name_hash bytea primary key, -- SHA-256 of the username, because people type passwords there too
  failures integer not null,
  locked_until timestamptz,
  at timestamptz not null -- last failure
);
create index sign_in_names_at on sign_in_names (at);
