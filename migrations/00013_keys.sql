-- +goose Up
-- Where the key of a certificate is: made here for trying out (development), given as a file (pkcs12),
-- in a token or HSM (pkcs11), at a signing service (csc), or with an agent on the user's computer (agent).
-- A person or an agency may have several certificates.
alter table certificates
  add column kind text not null default 'development'
    constraint certificates_kind check (kind in ('development', 'pkcs12', 'pkcs11', 'csc', 'agent')),
  add column chain bytea[] not null default '{}', -- certificates above this one, the nearest first
  add column issuer text not null default '',
  add column source jsonb not null default '{}', -- how the key is found: names and numbers, never a secret
  add column added_by uuid references appointments (id), -- null: the system itself
  add column disabled_at timestamptz,
  add column disabled_by uuid references appointments (id),
  alter column key_name drop not null, -- of development keys only
  drop column development,
  add constraint certificates_key_name check ((kind = 'development') = (key_name is not null));
alter table certificates alter column kind drop default;
drop index certificates_person;
drop index certificates_agency;
create index certificates_person on certificates (person_id) where person_id is not null;
create index certificates_agency on certificates (agency_id) where agency_id is not null;
create index certificates_valid_to on certificates (valid_to) where disabled_at is null;
create unique index certificates_once on certificates (sha256(der)) where disabled_at is null;
-- Private keys of PKCS #12 files, encrypted with a key that is never in the database.
create table private_keys (
  certificate_id uuid primary key references certificates (id),
  sealed_with text not null, -- name of the key-encryption key
  sealed bytea not null, -- AES-256-GCM, bound to the certificate
  created_at timestamptz not null
);
-- Acts of consent at signing services: hashes, what the service gave for them, the values. The id is the
-- ticket that others know.
create table remote_signings (
  id uuid primary key,
  certificate_id uuid not null references certificates (id),
  person_id uuid not null references persons (id), -- who agrees
  session_id uuid not null, -- in which they were asked
  hash text not null constraint remote_signings_hash check (hash in ('SHA-256', 'SHA-384', 'SHA-512')),
  digests bytea[] not null,
  label text not null, -- what the person sees at the service
  fingerprint bytea not null, -- of certificate, hash and digests
  state text not null constraint remote_signings_state check (state in ('consent', 'granted', 'sending', 'polling', 'done', 'failed')),
  browser_state bytea, -- SHA-256 of the state that the browser brings back, until it has
  sealed_with text not null,
  sealed bytea not null, -- what the service gave so far, encrypted as private keys are
  signature_values bytea[],
  failure text not null default '',
  created_at timestamptz not null,
  changed_at timestamptz not null,
  expires_at timestamptz not null
);
create unique index remote_signings_once on remote_signings (fingerprint) where state <> 'failed';
create unique index remote_signings_browser on remote_signings (browser_state) where browser_state is not null;
create index remote_signings_created on remote_signings (created_at);
