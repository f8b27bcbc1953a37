-- +goose Up
-- Application nodes that are alive; a room lives on one of them by a lease.
create table nodes (
  id uuid primary key,
  internal_address text not null,
  seen_at timestamptz not null
);
create table room_leases (
  meeting_id uuid primary key references meetings (id),
  node_id uuid not null,
  expires_at timestamptz not null
);
-- Who was in the room, from when to when: the attendance of the meeting's record.
create table room_stays (
  id uuid primary key,
  meeting_id uuid not null references meetings (id),
  appointment_id uuid not null references appointments (id),
  joined_at timestamptz not null,
  left_at timestamptz,
  leave_reason text not null default ''
);
create index room_stays_meeting on room_stays (meeting_id, joined_at);
