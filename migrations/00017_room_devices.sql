-- +goose Up
-- Room codecs, encoders and players that send by WHIP and receive by WHEP, each in the place of an invited person.
create table room_devices (
  id uuid primary key,
  meeting_id uuid not null references meetings (id),
  appointment_id uuid not null references appointments (id), -- in whose place it stands; the invitation may end before it
  name text not null constraint room_devices_name_length check (length(name) between 1 and 100),
  may_send boolean not null,
  may_receive boolean not null,
  token_hash bytea not null constraint room_devices_token_unique unique, -- SHA-256; the token is shown once and not kept
  created_by uuid not null references appointments (id),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_by uuid references appointments (id),
  last_used_at timestamptz,
  constraint room_devices_way check (may_send or may_receive),
  constraint room_devices_token_length check (length(token_hash) = 32),
  constraint room_devices_revoked check ((revoked_at is null) = (revoked_by is null))
);
create index room_devices_meeting on room_devices (meeting_id, created_at, id);
-- Null for a person's page.
alter table room_stays add column room_device_id uuid references room_devices (id);
create index room_stays_device on room_stays (room_device_id) where room_device_id is not null and left_at is null;
