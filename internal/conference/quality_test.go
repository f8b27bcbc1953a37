package conference

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/sfu"
)

// course makes looks at a participant: 50 packets of sound and 100 of pictures a second, two seconds apart.
type course struct {
	at            time.Time
	audio, video  sfu.UpFigures
	down          sfu.DownFigures
	lossUp, lossD float64
	silent        bool // nothing comes from the client
}

func newCourse() *course {
	return &course{at: time.Unix(1000, 0), audio: sfu.UpFigures{Kind: sfu.Audio, Layers: 1, On: true, Watched: true},
		video: sfu.UpFigures{Kind: sfu.Video, Layer: 1, Layers: 3, On: true, Watched: true}, down: sfu.DownFigures{RoundTrip: 40 * time.Millisecond}}
}

func (c *course) look() sfu.Quality {
	c.at = c.at.Add(measureEvery)
	heard := c.at
	if c.silent {
		heard = c.audio.LastPacket
	} else {
		for _, u := range []struct {
			f *sfu.UpFigures
			n float64
		}{{&c.audio, 100}, {&c.video, 200}} {
			u.f.Packets += int64(u.n * (1 - c.lossUp))
			u.f.Missed += int64(u.n * c.lossUp)
			u.f.Bytes += int64(u.n * 1000)
			u.f.LastPacket = c.at
		}
		c.down.At = c.at
		c.down.Packets += 500
		c.down.Bytes += 500_000
		c.down.Came += int64(500 * (1 - c.lossD))
		c.down.Lost += int64(500 * c.lossD)
	}
	return sfu.Quality{At: c.at, Network: "udp", Heard: heard, Up: []sfu.UpFigures{c.audio, c.video}, Down: c.down}
}

func TestLooks_measure(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(c *course)
		page        PageFigures
		mic, camera bool
		x           sample
		f           Figures
	}{
		"all is well": {func(*course) {}, PageFigures{}, true, true, sample{Packets: 100, ShareUp: 1, ShareDown: 1, RoundTrip: 40 * time.Millisecond},
			Figures{RoundTrip: 40 * time.Millisecond, UpAudio: 400, UpVideo: 800, Down: 2000, Sends: 2, SendsOf: 3, Way: "udp"}},
		"losses": {func(c *course) { c.lossUp, c.lossD = .1, .2 }, PageFigures{}, true, true,
			sample{LossUp: .1, LossDown: .2, Packets: 90, ShareUp: 1, ShareDown: 1, RoundTrip: 40 * time.Millisecond},
			Figures{LossUp: .1, LossDown: .2, RoundTrip: 40 * time.Millisecond, UpAudio: 400, UpVideo: 800, Down: 2000, Sends: 2, SendsOf: 3, Way: "udp"}},
		"a page that the line limits, through a relay": {func(*course) {}, PageFigures{Limited: LimitedByLine, Way: "relay_tls"}, true, true,
			sample{Packets: 100, ShareUp: 1, ShareDown: 1, RoundTrip: 40 * time.Millisecond},
			Figures{RoundTrip: 40 * time.Millisecond, UpAudio: 400, UpVideo: 800, Down: 2000, Sends: 2, SendsOf: 3, Way: "relay_tls"}},
		"limited, and the large picture is wanted": {func(c *course) { c.video.Layer = 2 }, PageFigures{Limited: LimitedByLine}, false, true,
			sample{Packets: 100, ShareUp: 800. / 1500, ShareDown: 1, RoundTrip: 40 * time.Millisecond},
			Figures{RoundTrip: 40 * time.Millisecond, UpAudio: 400, UpVideo: 800, Down: 2000, Sends: 3, SendsOf: 3, Way: "udp"}},
		"a narrow line down": {func(c *course) {
			c.down.Estimate = 400_000
			c.down.Slots = []sfu.SlotFigures{{Role: sfu.Tile, Layer: 0, Layers: 3, Rate: 100_000, Best: 100_000}, {Role: sfu.Main, Layer: 0, Layers: 3, Rate: 100_000, Best: 400_000}}
		}, PageFigures{}, false, false, sample{Packets: -1, ShareUp: 1, ShareDown: .4, RoundTrip: 40 * time.Millisecond},
			Figures{RoundTrip: 40 * time.Millisecond, UpAudio: 400, UpVideo: 800, Down: 2000, Estimate: 400, Sends: 2, SendsOf: 3, Gets: 1, GetsOf: 3, Way: "udp"}},
		"only the page knows the round trip": {func(c *course) { c.down.RoundTrip = 0 }, PageFigures{RoundTrip: time.Second}, false, false,
			sample{Packets: -1, ShareUp: 1, ShareDown: 1, RoundTrip: time.Second},
			Figures{RoundTrip: time.Second, UpAudio: 400, UpVideo: 800, Down: 2000, Sends: 2, SendsOf: 3, Way: "udp"}},
	} {
		t.Run(name, func(t *testing.T) {
			k := newCourse()
			c.change(k)
			var l looks
			for range 8 {
				l.add(k.look(), c.mic, c.camera)
			}
			x, f := l.measure(k.at, c.page)
			if diff := cmp.Diff(c.x, x, near); diff != "" {
				t.Errorf("sample (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.f, f, near); diff != "" {
				t.Errorf("figures (-want +got):\n%s", diff)
			}
		})
	}
}

var near = cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })

// A device that is off, or a camera that nobody sees, is not missed; one that is on and wanted is.
func TestLooks_unsent(t *testing.T) {
	for name, c := range map[string]struct {
		mic, camera, watched bool
		lost                 bool
	}{
		"all off":                  {false, false, true, false},
		"microphone on":            {true, false, true, true},
		"camera on":                {false, true, true, true},
		"camera that nobody sees":  {false, true, false, false},
		"camera unseen, but sound": {true, true, false, true},
	} {
		k := newCourse()
		var l looks
		var s state
		l.add(k.look(), c.mic, c.camera)
		k.video.Watched = c.watched
		for range 3 {
			q := k.look()
			q.Up[0].LastPacket, q.Up[1].LastPacket = time.Unix(1002, 0), time.Unix(1002, 0)
			l.add(q, c.mic, c.camera)
			x, _ := l.measure(k.at, PageFigures{})
			s = s.next(x, k.at)
		}
		if (s.Level == Lost) != c.lost {
			t.Errorf("%s: %q because of %q", name, s.Level, s.Why)
		}
	}
	// whoever turns the microphone on is given the time to send
	k := newCourse()
	var l looks
	q := k.look()
	q.Up = nil
	l.add(q, true, true)
	if x, _ := l.measure(k.at, PageFigures{}); x.Unsent != 0 {
		t.Errorf("unsent for %v at once", x.Unsent)
	}
}

// Counters that begin anew, because a stream ended and another began, are no losses.
func TestLooks_streamsChange(t *testing.T) {
	k := newCourse()
	k.lossUp = .5
	var l looks
	for range 4 {
		l.add(k.look(), true, true)
	}
	k.lossUp, k.video, k.audio = 0, newCourse().video, newCourse().audio
	for range 4 {
		l.add(k.look(), true, true)
		if x, f := l.measure(k.at, PageFigures{}); x.LossUp != 0 || f.UpVideo < 0 {
			t.Errorf("%+v %+v", x, f)
		}
	}
}

func TestReadPageFigures(t *testing.T) {
	good := `{"freezes":2,"frozen_ms":900.5,"fps":29.9,"width":1280,"concealed":0.02,"decode_ms":4.5,"round_trip_ms":31,"way":"relay_tls","limited":"cpu"}`
	f, err := readPageFigures([]byte(good))
	want := PageFigures{Freezes: 2, Frozen: 900500 * time.Microsecond, FPS: 29.9, Width: 1280, Concealed: .02, Decode: 4500 * time.Microsecond,
		RoundTrip: 31 * time.Millisecond, Way: "relay_tls", Limited: LimitedByMachine}
	if err != nil || f != want {
		t.Errorf("%+v, %v", f, err)
	}
	for _, bad := range []string{`[]`, `{"freezes":-1}`, `{"freezes":1e9}`, `{"freezes":1.5}`, `{"concealed":1.01}`, `{"fps":-3}`, `{"fps":1e400}`, `{"width":100000}`,
		`{"way":"pigeon"}`, `{"limited":"x"}`, `{"frozen_ms":1e12}`, `{"round_trip_ms":null,"decode_ms":"3"}`} {
		if f, err := readPageFigures([]byte(bad)); err == nil || errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: taken as %+v, %v", bad, f, err)
		}
	}
}

func FuzzReadPageFigures(f *testing.F) {
	f.Add(`{"freezes":2,"frozen_ms":900.5,"fps":29.9,"width":1280,"concealed":0.02,"decode_ms":4.5,"way":"udp"}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := readPageFigures(json.RawMessage(text))
		if err == nil && (p.Freezes < 0 || p.Frozen < 0 || p.Frozen > 600*time.Second || !(p.Concealed >= 0 && p.Concealed <= 1) || !(p.FPS >= 0 && p.FPS <= 240)) {
			t.Errorf("%+v of %s", p, text)
		}
	})
}

// still is a node that measures only when it is told to.
func (b *bundle) still(t *testing.T, address string, r prometheus.Registerer) *Service {
	t.Helper()
	s := New(Deps{DB: b.db, Meetings: b.meetings, Media: b.media, Feed: live.NewFeed(), Hub: b.hub,
		Log: slog.New(slog.DiscardHandler), Now: b.clock, Address: address, Metrics: r})
	if err := s.register(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Service) here(m *page) *member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return m.x.seat
}

func TestService_lines(t *testing.T) {
	t.Parallel()
	b := setup(t)
	registry := prometheus.NewRegistry()
	s := b.still(t, "one", registry)
	chair, voter := b.page(t, s, b.chair), b.page(t, s, b.member)
	chair.join(b.meeting, "tab")
	voter.join(b.meeting, "tab")
	target := voter.hear("room.joined")["participant_id"]
	members := []*member{s.here(chair), s.here(voter)}
	well, ill := newCourse(), newCourse()
	look := func() { s.noteLooks(members, []sfu.Quality{well.look(), ill.look()}) }
	look()
	if m := voter.hear("room.line"); m["level"] != "good" || m["why"] != "" || m["way"] != "udp" || m["round_trip_ms"] != 40. {
		t.Errorf("first line: %v", m)
	}
	if lines := chair.hear("room.lines")["lines"].([]any); len(lines) != 2 {
		t.Errorf("lines at first: %v", lines)
	}
	ill.lossUp = .2
	for range 4 {
		look()
	}
	for m := voter.hear("room.line"); m["level"] != "poor"; m = voter.hear("room.line") {
	}
	lines := chair.hear("room.lines")["lines"].([]any)
	if want := []any{map[string]any{"participant_id": target, "line": "weak"}}; !cmp.Equal(lines, want) && !cmp.Equal(lines, []any{map[string]any{"participant_id": target, "line": "poor"}}) {
		t.Errorf("lines: %v", lines)
	}
	late := b.page(t, s, b.other)
	late.join(b.meeting, "tab")
	levels := map[any]any{}
	for _, p := range late.hear("room.joined")["participants"].([]any) {
		levels[p.(map[string]any)["full_name"]] = p.(map[string]any)["line"]
	}
	if diff := cmp.Diff(map[any]any{"Chủ tịch": "good", "Ủy viên": "poor", "Đại biểu": ""}, levels); diff != "" {
		t.Errorf("lines of those who are there (-want +got):\n%s", diff)
	}
	// what stays as it is is told to nobody again
	ill.lossUp = .2
	for range 3 {
		look()
	}
	chair.mu.Lock()
	chair.got = nil
	chair.mu.Unlock()
	for range 5 {
		look()
	}
	chair.mu.Lock()
	told := fmt.Sprint(chair.got)
	chair.mu.Unlock()
	if strings.Contains(told, "room.line") {
		t.Errorf("told again: %s", told)
	}
	ill.silent = true
	for range 6 {
		look()
	}
	for m := voter.hear("room.line"); m["level"] != "lost"; m = voter.hear("room.line") {
	}
	s.measure()
	checkMeters(t, registry)
}

func checkMeters(t *testing.T, r *prometheus.Registry) {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			got[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	for _, name := range []string{"nghisu_conference_loss_ratio up", "nghisu_conference_round_trip_seconds", "nghisu_conference_missed_packets_total up",
		"nghisu_conference_received_bytes_total video", "nghisu_conference_joins_total joined"} {
		if got[name] == 0 {
			t.Errorf("%s counted nothing: %v", name, got)
		}
	}
	if got["nghisu_conference_joins_total joined"] != 3 {
		t.Errorf("three people joined: %v", got)
	}
	for name := range got {
		if strings.Contains(name, "Chủ") || len(name) > 80 {
			t.Errorf("a figure with a name: %s", name)
		}
	}
}

// Who never gets a media connection is told so; nobody else is.
func TestService_neverConnected(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.still(t, "one", nil)
	chair, voter := b.page(t, s, b.chair), b.page(t, s, b.member)
	chair.join(b.meeting, "tab")
	voter.join(b.meeting, "tab")
	s.measure()
	seat := s.here(voter)
	s.mu.Lock()
	seat.line.came = seat.line.came.Add(-firstWithin - time.Second)
	s.mu.Unlock()
	s.measure()
	if m := voter.hear("room.line"); m["level"] != "lost" || m["why"] != "not_connected" {
		t.Errorf("member: %v", m)
	}
	if lines := chair.hear("room.lines")["lines"].([]any); len(lines) != 1 {
		t.Errorf("lines: %v", lines)
	}
}

func TestService_Quality(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.still(t, "one", nil)
	for name, c := range map[string]struct {
		actor access.Actor
		want  errs.Code
	}{"a member": {b.member, errs.Forbidden}, "a stranger": {b.stranger, errs.NotFound}} {
		if _, err := s.Quality(t.Context(), c.actor, b.meeting); err == nil || errs.CodeOf(err) != c.want {
			t.Errorf("%s reads the lines: %v", name, err)
		}
	}
	report, err := s.Quality(t.Context(), b.chair, b.meeting)
	if err != nil || report.Where != Nowhere || len(report.People) != 4 || report.People[0].ID != "" {
		t.Errorf("an empty room: %+v, %v", report, err)
	}
	voter, other := b.page(t, s, b.member), b.page(t, s, b.other)
	voter.join(b.meeting, "tab")
	other.join(b.meeting, "tab")
	ill, well := newCourse(), newCourse()
	well.lossUp = .3
	for range 6 {
		s.noteLooks([]*member{s.here(voter), s.here(other)}, []sfu.Quality{ill.look(), well.look()})
	}
	other.say("room.quality", map[string]any{"freezes": 3, "frozen_ms": 1200, "fps": 12.5, "way": "relay_tcp", "limited": "cpu"})
	other.say("room.quality", map[string]any{"freezes": 30}) // too soon: dropped
	other.say("room.quality", map[string]any{"fps": -1})
	if m := other.hear("room.error"); m["of"] != "room.quality" || m["key"] != "conference.bad_message" {
		t.Errorf("a page that measures nonsense: %v", m)
	}
	report, err = s.Quality(t.Context(), b.secretary, b.meeting)
	if err != nil || report.Where != Here || len(report.People) != 4 {
		t.Fatalf("%+v, %v", report, err)
	}
	first, second, third := report.People[0], report.People[1], report.People[2]
	if first.Person.Person.FullName != "Đại biểu" || first.Level != Poor || first.Why != LossUp || first.Figures.LossUp < .25 ||
		first.Freezes != 3 || first.Frozen != 1200*time.Millisecond || !first.Told || first.Page.FPS != 12.5 || first.JoinedAt.IsZero() {
		t.Errorf("the worst: %+v", first)
	}
	if second.Level != Good || second.Figures.Way != "udp" || second.Told || second.Person.Role != meeting.Member {
		t.Errorf("the next: %+v", second)
	}
	if third.ID != "" || third.Person.Person.FullName != "Chủ tịch" {
		t.Errorf("who has not come: %+v", third)
	}
	two := b.still(t, "two", nil)
	if report, err = two.Quality(t.Context(), b.chair, b.meeting); err != nil || report.Where != Elsewhere || len(report.People) != 0 {
		t.Errorf("asked at another node: %+v, %v", report, err)
	}
}
