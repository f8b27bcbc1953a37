-- +goose Up
-- Authorities that signatures and timestamps may lead to, by list: those of the public service (chứng thư
-- chữ ký số chuyên dùng công vụ), those of public providers (chữ ký số công cộng), and timestamp authorities.
create table trust_anchors (
  id uuid primary key,
  list text not null constraint trust_anchors_list check (list in ('public_service', 'public', 'tsa')),
  name text not null,
  subject text not null,
  issuer text not null,
  der bytea not null,
  sha256 bytea not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null,
  added_at timestamptz not null,
  added_by uuid not null references appointments (id),
  constraint trust_anchors_once unique (list, sha256)
);
-- Which anchors a verdict was made under, and when to judge again what could not be found out.
alter table verdicts
  add column trust text not null default '',
  add column retry_at timestamptz;
create index verdicts_retry on verdicts (retry_at) where retry_at is not null;
-- What a verdict stands on: lists and responses as they were fetched, so that it can be repeated later
-- without asking anybody.
create table evidence (
  sha256 bytea primary key,
  kind text not null constraint evidence_kind check (kind in ('crl', 'ocsp')),
  body bytea not null,
  fetched_at timestamptz not null
);
create table verdict_evidence (
  sha256 bytea not null,
  verifier integer not null,
  evidence bytea not null references evidence (sha256),
  primary key (sha256, verifier, evidence),
  foreign key (sha256, verifier) references verdicts (sha256, verifier) on delete cascade
);
create index verdict_evidence_evidence on verdict_evidence (evidence);
