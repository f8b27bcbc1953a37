-- +goose Up
-- Evidence about revocation that was fetched, by a hash of where and what was asked. An empty body is a failure.
create table revocation_cache (
  key text primary key,
  body bytea not null,
  expires_at timestamptz not null
);
create index revocation_cache_expiry on revocation_cache (expires_at);
-- What keeps the signatures of a file provable, by content: how far it goes, when the certificate of its newest
-- timestamp ends, and the last attempt to renew it that failed.
create table preserved_files (
  sha256 bytea primary key,
  level text not null constraint preserved_files_level check (level in ('B-B', 'B-T', 'B-LT', 'B-LTA')),
  ends_at timestamptz not null,
  preserved_at timestamptz not null,
  tried_at timestamptz,
  failure text not null default ''
);
create index preserved_files_end on preserved_files (ends_at);
