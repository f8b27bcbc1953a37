// Package conference runs the rooms of online meetings: who is in them, from which node, whose
// microphone is heard, and the record of attendance. Media are sfu's, the rules of who may be there
// are meeting's. The messages are in docs/live-protocol.md.
//
// A room lives on one node, by a lease in the database that the node renews. A session (one socket
// of one tab) reaches the room through host; today every host is this node, and a session whose room
// lives elsewhere is refused with "conference.other_node".
package conference

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/sfu"
	"nghisu/storage/postgres"
)

const (
	leaseTime  = 30 * time.Second // a node that is dead longer loses its rooms
	renewEvery = 10 * time.Second
)

// ICEServer is a relay that browsers may use.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// Deps are the parts a Service is made of.
type Deps struct {
	DB       *postgres.DB
	Meetings *meeting.Service
	Media    *sfu.Server // nil: this node serves no rooms
	Feed     *live.Feed
	Hub      *live.Hub
	Log      *slog.Logger
	Now      func() time.Time // postgres.Now when nil
	Address  string           // names this node among the nodes; the same after a restart
	// ICEServers are the relays of a person; nil for none.
	ICEServers func(person id.Person) []ICEServer
	Metrics    prometheus.Registerer // nil for none
}

// Service holds the rooms that live on this node.
type Service struct {
	Deps
	node   id.Node
	sub    *live.Subscription // topics of the meetings whose rooms are here
	wake   chan struct{}      // one token: there are endings to write
	meters *meters

	mu      sync.Mutex // everything below, and the rooms' and members' fields
	rooms   map[id.Meeting]*room
	endings []ending
	recheck map[id.Meeting]bool // meetings to look at again: who may still be there
	refloor map[id.Meeting]bool // meetings whose floor is to be read again
	closed  bool
	trials  int // connection tests that run
}

// room is a meeting's room on this node.
type room struct {
	meeting id.Meeting
	agency  id.Agency // the organiser
	members []*member // in the order of their coming
	joining int       // people on their way in, so that the room stays

	floor      meeting.Floor // the newest that is known
	floorKnown bool
	speaker    *member // the connection that has the floor of the media plane
}

// member is one tab in a room. Fields below the line belong to Service.mu.
type member struct {
	id     string
	room   *room
	actor  access.Actor
	device string
	send   func(message any)
	stay   id.Stay
	media  *sfu.Participant
	dev    *roomDevice // nil for a page
	// ---
	who    meeting.Attendee
	mic    bool
	camera bool
	screen bool
	rights meeting.Rights // what may be on
	gone   bool
	line   watch
}

// New makes the service. Run must be running for rooms to live.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	s := &Service{Deps: d, node: id.New[id.Node](), sub: d.Hub.Subscribe(), wake: make(chan struct{}, 1), meters: newMeters(d.Metrics),
		rooms: map[id.Meeting]*room{}, recheck: map[id.Meeting]bool{}, refloor: map[id.Meeting]bool{}}
	if d.Meetings != nil {
		d.Meetings.WatchFloor(s.setFloor)
	}
	return s
}

// Run keeps this node known, its leases fresh and the attendance written, until ctx ends; then it
// empties the rooms.
func (s *Service) Run(ctx context.Context) error {
	defer s.sub.Close()
	var lines sync.WaitGroup
	defer lines.Wait()
	lines.Go(func() { s.watchLines(ctx) })
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	known := false
	for {
		if !known {
			known = s.try(ctx, "register node", s.register) == nil
		}
		select {
		case <-ctx.Done():
			s.stop(context.WithoutCancel(ctx))
			return nil
		case <-s.sub.Wake():
			s.noteChanges()
		case <-s.wake:
		case <-tick.C:
			if known {
				_ = s.try(ctx, "renew leases", s.renew)
			}
			s.expireDevices()
		}
		s.readFloors(ctx)
		s.writeEndings(ctx)
		s.recheckRooms(ctx)
	}
}

// try runs one step against the database; it is done again at the next turn when it fails.
func (s *Service) try(ctx context.Context, what string, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := step(ctx)
	if err != nil && ctx.Err() == nil {
		s.Log.WarnContext(ctx, "rooms: "+what, "error", err)
	}
	return err
}

// stop empties all rooms and gives the leases back.
func (s *Service) stop(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	all := s.membersOf(nil)
	s.mu.Unlock()
	for _, m := range all {
		s.leave(m, "server_stopping")
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	s.writeEndings(ctx)
	_ = s.try(ctx, "give leases back", s.unregister)
}

// membersOf lists the members of a room, of all rooms when it is nil. Needs s.mu.
func (s *Service) membersOf(r *room) []*member {
	if r != nil {
		return slices.Clone(r.members)
	}
	var all []*member
	for _, r := range s.rooms {
		all = append(all, r.members...)
	}
	return all
}

// enter reserves a place in the meeting's room, which is opened when this node can have the lease.
func (s *Service) enter(ctx context.Context, a meeting.Admission) (*room, error) {
	if r := s.reserve(a, false); r != nil {
		return r, nil
	}
	if err := s.acquire(ctx, a.Meeting); err != nil {
		return nil, err
	}
	if r := s.reserve(a, true); r != nil {
		return r, nil
	}
	return nil, errs.New(errs.Unavailable, "conference.unavailable")
}

// reserve counts one on the way into a room that is here, or is made here.
func (s *Service) reserve(a meeting.Admission, make bool) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[a.Meeting]
	if r == nil && make && !s.closed {
		r = &room{meeting: a.Meeting, agency: a.Agency}
		s.rooms[a.Meeting] = r
		s.sub.Watch(live.Meeting(a.Meeting.UUID), live.Floor(a.Meeting.UUID))
	}
	if r != nil {
		r.joining++
	}
	return r
}

// dropIfEmpty forgets a room that nobody is in. Its lease runs out by itself. Needs s.mu.
func (s *Service) dropIfEmpty(r *room) {
	if len(r.members) == 0 && r.joining == 0 && s.rooms[r.meeting] == r {
		delete(s.rooms, r.meeting)
		s.sub.Unwatch(live.Meeting(r.meeting.UUID), live.Floor(r.meeting.UUID))
	}
}

// joining is what a session asks for.
type joining struct {
	actor   access.Actor
	meeting id.Meeting
	device  string
	on      switches
	other   string // what becomes of another device of the same seat
	send    func(message any)
}

// join lets a person in: session, admission, lease, media, record; then the others are told. An
// earlier connection of the same tab, which a reload left behind, is replaced.
func (s *Service) join(ctx context.Context, j joining) (*member, error) {
	if s.Media == nil {
		return nil, errs.New(errs.Unavailable, "conference.unavailable")
	}
	if err := s.checkSession(ctx, j.actor); err != nil {
		return nil, err
	}
	admission, err := s.Meetings.Admission(ctx, j.meeting)
	if err != nil {
		return nil, err
	}
	who, err := admission.Admit(j.actor)
	if err != nil {
		return nil, err
	}
	r, err := s.enter(ctx, admission)
	if err != nil {
		return nil, err
	}
	m := &member{id: id.New[id.Stay]().String(), room: r, actor: j.actor, who: who, device: j.device, send: j.send, stay: id.New[id.Stay]()}
	if err := s.settle(ctx, m, j); err != nil {
		return nil, err
	}
	return m, nil
}

// settle takes somebody in who has a place reserved, which is given up when that fails.
func (s *Service) settle(ctx context.Context, m *member, j joining) error {
	err := s.checkDevices(m.room, j)
	if err == nil {
		err = s.needFloor(ctx, m.room)
	}
	if err == nil {
		err = s.admit(ctx, m, j)
	}
	if err != nil {
		s.mu.Lock()
		m.room.joining--
		s.dropIfEmpty(m.room)
		s.mu.Unlock()
		return err
	}
	s.Feed.TouchNow(live.Room(m.room.meeting.UUID))
	return nil
}

// admit takes a member into media, record and room.
func (s *Service) admit(ctx context.Context, m *member, j joining) error {
	var err error
	m.media, err = s.Media.Join(m.room.meeting.String(), m.id, func(e sfu.Event) { s.mediaEvent(m, e) })
	switch {
	case errors.Is(err, sfu.ErrFull):
		return errs.New(errs.TooMany, "conference.full")
	case err != nil:
		return errs.Wrap(errs.Unavailable, "conference.unavailable", err)
	}
	m.media.Apart(m.actor.Appointment.String())
	if m.dev != nil {
		err = s.describe(m)
		j.on = m.dev.on
	}
	if err == nil {
		err = s.beginStay(ctx, m)
	}
	if err != nil {
		s.mu.Lock()
		m.gone = true // it never came: nobody is told that it left
		s.mu.Unlock()
		m.media.Leave()
		return err
	}
	s.mu.Lock()
	ends := map[*member]string{}
	for _, o := range m.room.members {
		if o.actor.Appointment == m.actor.Appointment && o.device == m.device {
			ends[o] = "replaced"
		}
	}
	if j.other == otherReplace {
		for _, o := range m.room.otherDevices(j) {
			ends[o] = "moved_device"
		}
	}
	m.room.joining--
	s.welcome(m, j.on)
	m.line.came, m.line.joined = time.Now(), s.Now()
	m.room.members = append(m.room.members, m)
	m.room.aim()
	m.send(s.joinedMessage(m))
	m.send(m.room.floorMessage(s.Now()))
	m.room.tell(m, m.came())
	closed := s.closed
	s.mu.Unlock()
	for o, reason := range ends {
		s.leave(o, reason)
	}
	if closed {
		s.leave(m, "server_stopping")
	}
	return nil
}

// leave takes a member out, for a reason that goes into the record and to the page; the reasons of a
// page that is gone or left by itself are not told back.
func (s *Service) leave(m *member, reason string) {
	s.mu.Lock()
	if m.gone {
		s.mu.Unlock()
		return
	}
	m.gone = true
	s.meters.left(reason)
	m.room.members = slices.DeleteFunc(m.room.members, func(o *member) bool { return o == m })
	m.room.tell(m, m.went())
	m.room.aim()
	s.dropIfEmpty(m.room)
	s.endings = append(s.endings, ending{member: m, at: s.Now(), reason: reason})
	s.mu.Unlock()
	if reason != reasonLeft && reason != reasonLost && reason != reasonAnew {
		m.send(closedMessage{Type: "room.closed", Reason: reason})
	}
	m.media.Leave()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// mediaEvent passes on what media tell. It may be called while the media plane's room is locked.
func (s *Service) mediaEvent(m *member, e sfu.Event) {
	switch e.Kind {
	case sfu.Connected:
	case sfu.Mapped:
		tracks := make([]track, 0, len(e.Slots))
		for _, t := range e.Slots {
			if t.Participant != "" {
				tracks = append(tracks, track{Mid: t.Mid, Participant: t.Participant, Kind: string(t.Kind), Paused: t.Paused})
			}
		}
		m.send(tracksMessage{Type: "room.tracks", Tracks: tracks})
	case sfu.Layers:
		m.send(layersMessage{Type: "room.layers", Kind: string(e.Track), Active: e.Active})
	case sfu.Ended:
		s.leave(m, "media_failed")
	}
}

// offer answers a description of a member's page. A bad one puts the page out: it is not ours, or broken.
func (s *Service) offer(m *member, sdp string, roles map[string]sfu.Role) {
	answer, err := m.media.Offer(sdp, roles)
	switch {
	case errors.Is(err, sfu.ErrBadDescription):
		s.Log.Warn("room description refused", "meeting", m.room.meeting, "error", err)
		s.leave(m, "bad_description")
	case err == nil:
		m.send(descriptionMessage{Type: "room.answer", SDP: answer})
	}
}

// mute turns somebody's microphone off. Only the person can turn it on again.
func (s *Service) mute(ctx context.Context, by *member, target string) error {
	s.mu.Lock()
	if !by.who.Leads {
		s.mu.Unlock()
		return errs.New(errs.Forbidden, "conference.not_leading")
	}
	i := slices.IndexFunc(by.room.members, func(m *member) bool { return m.id == target })
	if i < 0 {
		s.mu.Unlock()
		return errs.New(errs.NotFound, "conference.unknown_participant")
	}
	m := by.room.members[i]
	m.mic = false
	m.media.Forward(sfu.Audio, false)
	m.send(mutedMessage{Type: "room.muted", By: by.who.Person.FullName})
	m.room.tell(nil, m.changed())
	s.mu.Unlock()
	return s.recordMute(ctx, by, m)
}

// tell sends a message to everybody in a room but one (nil: to all). Needs s.mu, so that everybody
// hears changes in the same order; send never blocks.
func (r *room) tell(but *member, message any) {
	if p, ok := message.(participantsMessage); ok && len(p.Changed)+len(p.Left) == 0 {
		return // of a member that pages do not see
	}
	for _, o := range r.members {
		if o != but {
			o.send(message)
		}
	}
}

// changed is the message that says how a member is now. Needs Service.mu.
func (m *member) changed() participantsMessage {
	out := participantsMessage{Type: "room.participants", Changed: []participant{}, Left: []string{}}
	if m.shown() {
		out.Changed = append(out.Changed, m.wire())
	}
	return out
}

// noteChanges remembers which meetings changed.
func (s *Service) noteChanges() {
	topics, reset, _, _ := s.sub.Take()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noteFloors(topics, reset)
	for meetingID := range s.rooms {
		if reset || slices.Contains(topics, live.Meeting(meetingID.UUID)) {
			s.recheck[meetingID] = true
		}
	}
}

// recheckRooms takes out whoever may no longer be there: the meeting ended, or the invitation did.
func (s *Service) recheckRooms(ctx context.Context) {
	s.mu.Lock()
	var due []id.Meeting
	for meetingID := range s.recheck {
		due = append(due, meetingID)
	}
	s.mu.Unlock()
	for _, meetingID := range due {
		_ = s.try(ctx, "look at meeting", func(ctx context.Context) error {
			admission, err := s.Meetings.Admission(ctx, meetingID)
			if err != nil {
				return err
			}
			s.mu.Lock()
			delete(s.recheck, meetingID)
			var all []*member
			if r := s.rooms[meetingID]; r != nil {
				all = s.membersOf(r)
			}
			s.mu.Unlock()
			for _, m := range all {
				s.readmit(m, admission)
			}
			return s.readmitDevices(ctx, admission, all)
		})
	}
}

// readmit looks again at one member.
func (s *Service) readmit(m *member, a meeting.Admission) {
	who, err := a.Admit(m.actor)
	var known *errs.Error
	switch {
	case err == nil:
		s.mu.Lock()
		changed := who.Role != m.who.Role && !m.gone
		who.Leads = who.Leads && m.dev == nil // a device never leads
		m.who = who
		if changed {
			m.judge()
			m.room.aim()
			m.send(m.rightsMessage()) // whether one leads is told with it
			m.room.tell(nil, m.changed())
		}
		s.mu.Unlock()
	case errs.Is(err, errs.NotFound), errs.Is(err, errs.Forbidden):
		s.leave(m, "not_invited")
	case errors.As(err, &known) && known.Key == "meeting.state_cancelled":
		s.leave(m, "meeting_cancelled")
	case errors.As(err, &known) && known.Key == "meeting.state_closed":
		s.leave(m, "meeting_closed")
	case errors.As(err, &known) && known.Key == "meeting.not_online":
		s.leave(m, "not_online")
	}
}
