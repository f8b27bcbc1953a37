-- +goose Up
create table meetings (
  id uuid primary key,
  agency_id uuid not null references agencies (id),
  title text not null constraint meetings_title_length check (length(title) between 1 and 300),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  place text not null default '',
  online boolean not null default true,
  state text not null constraint meetings_state check (state in ('draft', 'convened', 'live', 'closed', 'cancelled')),
  chair_id uuid not null references appointments (id),
  secretary_id uuid not null references appointments (id),
  current_item_id uuid,
  cancel_reason text not null default '',
  opened_at timestamptz,
  closed_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint meetings_times check (ends_at > starts_at)
);
create index meetings_agency on meetings (agency_id, starts_at desc, id desc);
create table agenda_items (
  id uuid primary key,
  meeting_id uuid not null references meetings (id),
  ordinal integer not null,
  title text not null constraint agenda_items_title_length check (length(title) between 1 and 500),
  minutes integer not null constraint agenda_items_minutes check (minutes between 0 and 600),
  presenter text not null default '',
  started_at timestamptz,
  ended_at timestamptz,
  removed_at timestamptz, -- its papers stay for the record
  constraint agenda_items_times check (ended_at is null or started_at is not null),
  constraint agenda_items_place exclude using btree (meeting_id with =, ordinal with =) where (removed_at is null) deferrable initially deferred
);
create index agenda_items_meeting on agenda_items (meeting_id);
alter table meetings add constraint meetings_current_item foreign key (current_item_id) references agenda_items (id) on delete set null;
-- A paper keeps its identity; each file under it is a revision ("bản"), and old ones are kept.
create table papers (
  id uuid primary key,
  item_id uuid not null references agenda_items (id),
  ordinal integer not null,
  name text not null constraint papers_name_length check (length(name) between 1 and 300),
  removed_at timestamptz,
  constraint papers_place unique (item_id, ordinal)
);
create table paper_revisions (
  paper_id uuid not null references papers (id),
  revision integer not null constraint paper_revisions_from_one check (revision >= 1),
  sha256 bytea not null references objects (sha256),
  size bigint not null,
  added_by uuid not null references appointments (id),
  added_at timestamptz not null,
  primary key (paper_id, revision)
);
create index paper_revisions_object on paper_revisions (sha256);
create table invitations (
  meeting_id uuid not null references meetings (id),
  appointment_id uuid not null references appointments (id),
  role text not null constraint invitations_role check (role in ('chair', 'secretary', 'member', 'observer')),
  ordinal integer not null,
  sent_at timestamptz,
  seen_at timestamptz,
  answer text not null default 'none' constraint invitations_answer check (answer in ('none', 'accepted', 'declined')),
  answer_reason text not null default '',
  answered_at timestamptz,
  primary key (meeting_id, appointment_id)
);
create index invitations_appointment on invitations (appointment_id, meeting_id);
