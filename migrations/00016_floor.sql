-- +goose Up
-- Who leads the technique, the hall and the rooms that are connected ("điểm cầu") are roles of their own.
alter table invitations drop constraint invitations_role;
alter table invitations add constraint invitations_role
  check (role in ('chair', 'secretary', 'operator', 'hall', 'point', 'member', 'observer'));
alter table meetings
  add column floor_mode text constraint meetings_floor_mode check (floor_mode in ('free', 'called')), -- null: by the number of the invited
  add column floor_seconds integer not null default 300 constraint meetings_floor_seconds check (floor_seconds between 30 and 3600), -- of one turn
  add column floor_version integer not null default 0; -- of the queue, apart from the meeting's: many raise their hands
-- Turns to speak: asked for or given by who leads. They stay for the record of the meeting.
create table floor_turns (
  id uuid primary key,
  meeting_id uuid not null references meetings (id),
  item_id uuid references agenda_items (id), -- what the meeting was at when it was asked for, then when it was called
  appointment_id uuid not null references appointments (id),
  topic text not null default '' constraint floor_turns_topic_length check (length(topic) <= 300),
  asked boolean not null, -- by the person; called without asking otherwise
  asked_at timestamptz not null,
  ordinal integer not null, -- place among those who wait
  seconds integer not null constraint floor_turns_seconds check (seconds between 1 and 36000), -- given, with every extension
  state text not null constraint floor_turns_state check (state in ('waiting', 'speaking', 'spoken', 'withdrawn', 'removed')),
  called_at timestamptz,
  called_by uuid references appointments (id),
  ends_at timestamptz, -- when the time is over; the turn goes on until somebody ends it
  ended_at timestamptz,
  end_reason text not null default '' constraint floor_turns_reason
    check (end_reason in ('', 'ended', 'given_back', 'next', 'withdrawn', 'removed', 'cleared', 'not_invited', 'closed')),
  constraint floor_turns_called check ((state in ('speaking', 'spoken')) = (called_at is not null)
    and (called_at is null) = (called_by is null) and (called_at is null) = (ends_at is null)),
  constraint floor_turns_ended check ((state in ('waiting', 'speaking')) = (ended_at is null) and (ended_at is null) = (end_reason = '')),
  constraint floor_turns_place exclude using btree (meeting_id with =, ordinal with =) where (state = 'waiting') deferrable initially deferred
);
create unique index floor_turns_one_each on floor_turns (meeting_id, appointment_id) where state in ('waiting', 'speaking');
create unique index floor_turns_one_speaks on floor_turns (meeting_id) where state = 'speaking';
create index floor_turns_meeting on floor_turns (meeting_id, called_at);
