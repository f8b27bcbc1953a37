package conference

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"nghisu/internal/id"
	"nghisu/internal/sfu"
)

const (
	measureEvery = 2 * time.Second
	// pageEvery is how often a page's own figures are taken; what comes sooner is dropped.
	pageEvery = 2 * time.Second
	// pageFor is for how long they count.
	pageFor = 15 * time.Second
)

// watch is what is known of a member's line. Guarded by Service.mu.
type watch struct {
	came    time.Time // on the machine's clock
	joined  time.Time
	looks   looks
	state   state
	figures Figures
	page    PageFigures
	pageAt  time.Time // on the machine's clock
	freezes int       // since the member came
	frozen  time.Duration
	counted sfu.Quality // what the meters have counted
	told    lineMessage
}

// lineMessage tells a person how the own line is.
type lineMessage struct {
	Type      string  `json:"type"`
	Level     Level   `json:"level"`
	Why       Why     `json:"why"`
	LossUp    float64 `json:"loss_up"` // percent
	LossDown  float64 `json:"loss_down"`
	RoundTrip int     `json:"round_trip_ms"`
	Up        int     `json:"up_kbps"`
	Down      int     `json:"down_kbps"`
	Way       string  `json:"way"`
}

// linesMessage tells everybody whose line is otherwise now, all at once.
type linesMessage struct {
	Type  string       `json:"type"`
	Lines []memberLine `json:"lines"`
}

type memberLine struct {
	Participant string `json:"participant_id"`
	Line        Level  `json:"line"`
}

// watchLines measures all lines until ctx ends.
func (s *Service) watchLines(ctx context.Context) {
	tick := time.NewTicker(measureEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.measure()
		}
	}
}

// measure looks at everybody once. Media are asked without the lock, because they have their own.
func (s *Service) measure() {
	s.mu.Lock()
	rooms := map[id.Meeting][]*member{}
	for meetingID, r := range s.rooms {
		rooms[meetingID] = s.membersOf(r)
	}
	s.mu.Unlock()
	levels := map[Level]int{}
	ways := map[string]int{}
	for _, members := range rooms {
		seen := make([]sfu.Quality, len(members))
		for i, m := range members {
			seen[i] = m.media.Quality()
		}
		s.noteLooks(members, seen)
		s.mu.Lock()
		for _, m := range members {
			levels[m.line.state.Level]++
			ways[m.line.figures.Way]++
		}
		s.mu.Unlock()
	}
	s.meters.now(levels, ways)
}

// noteLooks draws the conclusions for the members of one room: what each is told, and what all are.
func (s *Service) noteLooks(members []*member, seen []sfu.Quality) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var changed []memberLine
	for i, m := range members {
		if m.gone {
			continue
		}
		w := &m.line
		was := w.state.Level
		w.looks.add(seen[i], m.mic && m.rights.Mic, m.camera && m.rights.Camera)
		page := PageFigures{}
		if seen[i].At.Sub(w.pageAt) < pageFor {
			page = w.page
		}
		var x sample
		x, w.figures = w.looks.measure(w.came, page)
		w.state = w.state.next(x, s.Now())
		s.meters.measured(w.figures, w.counted, seen[i])
		w.counted = seen[i]
		if w.state.Level != was {
			changed = append(changed, memberLine{m.id, w.state.Level})
		}
		if now := w.message(); now.differs(w.told) {
			w.told = now
			m.send(now)
		}
	}
	if len(changed) > 0 {
		members[0].room.tell(nil, linesMessage{Type: "room.lines", Lines: changed})
	}
}

// message is what the person is told now.
func (w *watch) message() lineMessage {
	f := w.figures
	percent := func(v float64) float64 { return math.Round(v*1000) / 10 }
	return lineMessage{Type: "room.line", Level: w.state.Level, Why: w.state.Why, LossUp: percent(f.LossUp), LossDown: percent(f.LossDown),
		RoundTrip: int(f.RoundTrip.Milliseconds()), Up: f.Up(), Down: f.Down, Way: f.Way}
}

// differs tells whether a person should be told anew: a word changed, or a figure by more than it wavers.
func (l lineMessage) differs(told lineMessage) bool {
	if l.Level == "" {
		return false
	}
	moved := func(a, b, least float64) bool { return math.Abs(a-b) > max(least, 0.25*max(a, b)) }
	return l.Level != told.Level || l.Why != told.Why || l.Way != told.Way || moved(l.LossUp, told.LossUp, 1) || moved(l.LossDown, told.LossDown, 1) ||
		moved(float64(l.RoundTrip), float64(told.RoundTrip), 30) || moved(float64(l.Up), float64(told.Up), 50) || moved(float64(l.Down), float64(told.Down), 50)
}

// notePage takes what a page measured.
func (s *Service) notePage(m *member, payload json.RawMessage) error {
	f, err := readPageFigures(payload)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(m.line.pageAt) < pageEvery {
		return nil
	}
	m.line.page, m.line.pageAt = f, now
	m.line.freezes += f.Freezes
	m.line.frozen += f.Frozen
	s.meters.page(f)
	return nil
}
