-- +goose Up
-- Files that somebody dropped on "Kiểm tra chữ ký", each with what was found out about its signatures then.
create table signature_checks (
  id uuid primary key,
  person_id uuid not null references persons (id),
  agency_id uuid not null references agencies (id),
  name text not null,
  size bigint not null,
  sha256 bytea not null references objects (sha256),
  verdict jsonb, -- null while the file is being judged; the evidence is kept with the verdict on the content
  created_at timestamptz not null
);
create index signature_checks_person on signature_checks (person_id, created_at desc, id desc);
create index signature_checks_object on signature_checks (sha256);
