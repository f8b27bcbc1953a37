package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"nghisu/internal/sfu"
	"nghisu/internal/sfu/load"
)

// SoakPlan is a long meeting in which something happens all the time.
type SoakPlan struct {
	For    time.Duration
	People int
	Loss   float64 // part of the packets that get lost on their way to somebody
	Seed   uint64
	Note   func(string) // told once in a while how it goes; may be nil
}

// Soak is what came of it. Memory is what is in use after a collection, of the server and the load together:
// they share the process, so neither can hide behind the other.
type Soak struct {
	Seconds    float64 `json:"seconds"`
	People     int     `json:"people"`
	Joins      int     `json:"joins"`
	Restarts   int     `json:"ice_restarts"`
	Views      int     `json:"view_changes"`
	Speeches   int     `json:"speeches"`
	Shares     int     `json:"screen_shares"`
	Floors     int     `json:"floor_changes"`
	Packets    int64   `json:"packets"`
	Dropped    int64   `json:"dropped"` // on purpose
	Resent     int64   `json:"resent"`
	Missing    int64   `json:"lost_in_the_end"` // of pictures
	Silent     int64   `json:"sound_lost"`
	Fallen     int     `json:"dropped_out"` // people who lost their connection
	Samples    int     `json:"samples"`
	Goroutines Trend   `json:"goroutines"`
	Memory     Trend   `json:"memory_kb"`
	Passed     bool    `json:"passed"`
}

// Trend is the straight line through samples: their mean, by how much the line grows from the first to the
// last, and how sure that is.
type Trend struct {
	Mean   float64 `json:"mean"`
	Growth float64 `json:"growth"`
	Error  float64 `json:"error"` // standard error of the growth
	Flat   bool    `json:"flat"`
}

// What is flat: growth of at most a tenth of the mean, and of goroutines five at most, or growth that is no
// more than three times its own uncertainty. In less than ten minutes memory may grow by a quarter: what is kept of
// those who came last, to be sent again, still fills up. The first third of the time, ten minutes at most, warms up and does not
// count.
const (
	flatPart       = 0.10
	flatShort      = 0.25
	shortSoak      = 10 * time.Minute
	flatGoroutines = 5
	sure           = 3
	warmPart       = 3
	warmMost       = 10 * time.Minute
	soakSamples    = 120
	betweenActs    = 250 * time.Millisecond
)

// trendOf fits a straight line to samples taken at equal distances. Growth of most of the mean, and few, never counts.
func trendOf(samples []float64, most float64, few float64) Trend {
	n := float64(len(samples))
	if n < 3 {
		return Trend{}
	}
	var mean, xy, xx float64
	for _, y := range samples {
		mean += y / n
	}
	middle := (n - 1) / 2
	for i, y := range samples {
		xy += (float64(i) - middle) * (y - mean)
		xx += (float64(i) - middle) * (float64(i) - middle)
	}
	slope := xy / xx
	var rest float64
	for i, y := range samples {
		d := y - mean - slope*(float64(i)-middle)
		rest += d * d
	}
	t := Trend{Mean: mean, Growth: slope * (n - 1), Error: math.Sqrt(rest/(n-2)/xx) * (n - 1)}
	t.Flat = t.Growth <= max(most*mean, few) || t.Growth <= sure*t.Error
	return t
}

// soaker runs a plan.
type soaker struct {
	SoakPlan
	server *sfu.Server
	crowd  *load.Crowd
	chance *rand.Rand
	people []*soul
	born   int
	sum    load.Received
	result Soak

	mu     sync.Mutex
	fallen []error
}

// soul is one person of a soak.
type soul struct {
	id              string
	client          *load.Client
	p               *sfu.Participant
	speaks, showing bool
}

// MeasureSoak holds a meeting and looks whether anything grows or goes missing.
func MeasureSoak(ctx context.Context, plan SoakPlan) (Soak, error) {
	server, err := sfu.New(sfu.Config{Listen: "127.0.0.1:0", Loopback: true})
	if err != nil {
		return Soak{}, err
	}
	defer server.Close()
	crowd, err := load.NewCrowd()
	if err != nil {
		return Soak{}, err
	}
	defer crowd.Close()
	s := &soaker{SoakPlan: plan, server: server, crowd: crowd, chance: rand.New(rand.NewPCG(plan.Seed, 2))}
	if s.Note == nil {
		s.Note = func(string) {}
	}
	for range plan.People {
		if err := s.join(ctx); err != nil {
			return Soak{}, err
		}
	}
	if err := s.run(ctx); err != nil {
		return Soak{}, err
	}
	return s.finish(ctx)
}

// run lets things happen and takes samples until the time is over.
func (s *soaker) run(ctx context.Context) error {
	began := time.Now()
	warm := min(s.For/warmPart, warmMost)
	every := (s.For - warm) / soakSamples
	var goroutines, memory []float64
	acts := []func(context.Context) error{s.change, s.speak, s.view, s.restart, s.view, s.share, s.speak, s.floor}
	for time.Since(began) < s.For {
		if err := acts[s.chance.IntN(len(acts))](ctx); err != nil {
			return err
		}
		if err := sleep(ctx, betweenActs); err != nil {
			return err
		}
		if time.Since(began) < warm+time.Duration(len(memory))*every {
			continue
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		goroutines, memory = append(goroutines, float64(runtime.NumGoroutine())), append(memory, float64(m.HeapAlloc)/1024)
		if len(memory)%10 == 0 {
			s.Note(fmt.Sprintf("%s: %d goroutines, %.0f kB in use", time.Since(began).Round(time.Second), runtime.NumGoroutine(), memory[len(memory)-1]))
		}
	}
	most := flatPart
	if s.For < shortSoak {
		most = flatShort
	}
	s.result.Seconds, s.result.Samples = time.Since(began).Seconds(), len(memory)
	s.result.Goroutines, s.result.Memory = trendOf(goroutines, flatPart, flatGoroutines), trendOf(memory, most, 0)
	return nil
}

func (s *soaker) finish(ctx context.Context) (Soak, error) {
	for _, p := range s.people {
		p.client.Stop()
	}
	if err := sleep(ctx, lateFor); err != nil {
		return Soak{}, err
	}
	for _, p := range s.people {
		p.client.Sum(&s.sum)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, sum := &s.result, s.sum
	r.People, r.Packets, r.Dropped, r.Resent, r.Missing, r.Silent, r.Fallen = s.People, sum.First, sum.Dropped, sum.Again, sum.Missing, sum.Silent, len(s.fallen)
	r.Passed = r.Missing == 0 && r.Fallen == 0 && r.Goroutines.Flat && r.Memory.Flat && r.Packets > 0
	return *r, errors.Join(s.fallen...)
}

// soakLines are what somebody of a soak sends and receives, as our pages do with fewer tiles.
var soakLines = []load.Line{
	{Mid: "mic", Send: true}, {Mid: "cam", Video: true, Send: true, Rids: layerNames}, {Mid: "scr", Video: true, Send: true},
	{Mid: "v0"}, {Mid: "v1"}, {Mid: "v2"}, {Mid: "m", Video: true},
	{Mid: "t0", Video: true}, {Mid: "t1", Video: true}, {Mid: "t2", Video: true}, {Mid: "s", Video: true},
}

var soakRoles = map[string]sfu.Role{"scr": sfu.Shown, "v0": sfu.Voice, "v1": sfu.Voice, "v2": sfu.Voice, "m": sfu.Main,
	"t0": sfu.Tile, "t1": sfu.Tile, "t2": sfu.Tile, "s": sfu.Shown}

// join lets one more come.
func (s *soaker) join(ctx context.Context) error {
	s.born++
	p := &soul{id: fmt.Sprintf("p%05d", s.born)}
	var err error
	if p.client, err = s.crowd.New(load.Config{Lines: soakLines, Loss: s.Loss, Seed: s.Seed + uint64(s.born), Forget: true}); err != nil {
		return err
	}
	p.client.Send("scr", false)
	notify := func(e sfu.Event) {
		if e.Kind == sfu.Ended && e.Err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.fallen = append(s.fallen, fmt.Errorf("%s: %w", p.id, e.Err))
		}
	}
	if p.p, err = s.server.Join("soak", p.id, notify); err != nil {
		return err
	}
	p.p.Forward(sfu.Audio, true)
	p.p.Forward(sfu.Video, true)
	if err := p.offer(); err != nil {
		return err
	}
	p.client.Count()
	s.people = append(s.people, p)
	s.result.Joins++
	ctx, cancel := context.WithTimeout(ctx, joinWithin)
	defer cancel()
	select {
	case <-p.client.Ready():
		return nil
	case <-p.client.Done():
		return fmt.Errorf("%s: %w", p.id, p.client.Err())
	case <-ctx.Done():
		return fmt.Errorf("%s does not connect: %w", p.id, ctx.Err())
	}
}

func (p *soul) offer() error {
	answer, err := p.p.Offer(p.client.Offer(), soakRoles)
	if err != nil {
		return err
	}
	return p.client.Answer(answer)
}

func (s *soaker) somebody() *soul { return s.people[s.chance.IntN(len(s.people))] }

// change lets somebody go and another come.
func (s *soaker) change(ctx context.Context) error {
	p := s.somebody()
	p.client.Stop()
	if err := sleep(ctx, lateFor); err != nil {
		return err
	}
	p.client.Sum(&s.sum)
	p.p.Leave()
	<-p.p.Done()
	p.client.Close()
	s.people = slices.DeleteFunc(s.people, func(o *soul) bool { return o == p })
	return s.join(ctx)
}

func (s *soaker) speak(context.Context) error {
	p := s.somebody()
	p.speaks = !p.speaks
	p.client.Speak(p.speaks)
	s.result.Speeches++
	return nil
}

// share shows somebody's screen, or ends that; one screen is shown at a time.
func (s *soaker) share(context.Context) error {
	p := s.somebody()
	for _, o := range s.people {
		if o.showing && o != p {
			o.show(false)
		}
	}
	p.show(!p.showing)
	s.result.Shares++
	return nil
}

func (p *soul) show(on bool) {
	p.showing = on
	p.p.Forward(sfu.Screen, on)
	p.client.Send("scr", on)
}

// view changes what somebody's page has room for, and so the layers that are sent to it.
func (s *soaker) view(context.Context) error {
	heights := []int{0, 180, 360, 720}
	v := sfu.View{MainHeight: heights[s.chance.IntN(4)], TileHeight: heights[s.chance.IntN(3)], ShowHeight: heights[s.chance.IntN(4)]}
	if s.chance.IntN(2) == 0 {
		v.Tiles = []string{s.somebody().id, s.somebody().id}
		v.Main = s.somebody().id
	}
	s.somebody().p.See(v)
	s.result.Views++
	return nil
}

func (s *soaker) floor(context.Context) error {
	s.somebody().p.Floor(true)
	s.result.Floors++
	return nil
}

// restart moves somebody to another network.
func (s *soaker) restart(ctx context.Context) error {
	p := s.somebody()
	p.client.Renew()
	if err := p.client.Move(); err != nil {
		return err
	}
	at := time.Now()
	if err := p.offer(); err != nil {
		return err
	}
	s.result.Restarts++
	return eventually(ctx, func() bool { return p.client.Answered().After(at) })
}
