package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"nghisu/internal/sfu/load"
)

// MediaServer is a media plane in a process of its own.
type MediaServer struct {
	URL   string // of WHIP and WHEP
	Token string
	PID   int
}

// MediaLoad is what a crowd does to a media server.
type MediaLoad struct {
	Publishers, Viewers int
	Layers              int           // of a publisher's picture
	Loss                float64       // part of the packets that get lost on their way to a viewer
	Settle              time.Duration // until estimates of the lines have grown
	For                 time.Duration // that is measured
}

// MediaRun is what one run found. Forwarded packets are those that left the server for the first time.
type MediaRun struct {
	CPU       float64 `json:"cpu_us_per_packet"` // of the server, repetitions and feedback included
	Forwarded int64   `json:"forwarded"`
	Resent    int64   `json:"resent"`
	Dropped   int64   `json:"dropped"`         // on purpose, by the load
	Missing   int64   `json:"lost_in_the_end"` // of pictures; sound is not sent again
	Silent    int64   `json:"sound_lost"`
	DelayP50  float64 `json:"video_delay_p50_ms"`
	DelayP99  float64 `json:"video_delay_p99_ms"`
	Memory    float64 `json:"memory_per_viewer_kb"`
	Rate      float64 `json:"viewer_mbit_s"` // that one viewer receives
	Load      float64 `json:"load_cpu_percent"`
}

// Times of a run.
const (
	joinWithin = 60 * time.Second
	settleFor  = 4 * time.Second         // until estimates of the lines have grown
	lateFor    = 1500 * time.Millisecond // for what is still on its way at the end
	joinAtOnce = 8
)

// MeasureMedia lets a crowd join a server and measures what it costs. What the load itself takes is not
// counted, but on a small machine it delays packets: Load says how busy it was.
func MeasureMedia(ctx context.Context, at MediaServer, l MediaLoad) (MediaRun, error) {
	crowd, err := load.NewCrowd()
	if err != nil {
		return MediaRun{}, err
	}
	defer crowd.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := publishers(ctx, crowd, at, l); err != nil {
		return MediaRun{}, err
	}
	before, err := memory(at.PID)
	if err != nil {
		return MediaRun{}, err
	}
	viewers, err := viewers(ctx, crowd, at, l)
	if err != nil {
		return MediaRun{}, err
	}
	if err := sleep(ctx, l.Settle); err != nil {
		return MediaRun{}, err
	}
	run, err := measure(ctx, viewers, at, l.For)
	if err != nil {
		return MediaRun{}, err
	}
	after, err := memory(at.PID)
	run.Memory = (after - before) / float64(l.Viewers)
	return run, err
}

func measure(ctx context.Context, viewers []*load.Client, at MediaServer, d time.Duration) (run MediaRun, err error) {
	for _, v := range viewers {
		v.Count()
	}
	own, err0 := cpuTime(0)
	cpu, err1 := cpuTime(at.PID)
	err2 := sleep(ctx, d)
	cpuEnd, err3 := cpuTime(at.PID)
	ownEnd, err4 := cpuTime(0)
	for _, v := range viewers {
		v.Stop()
	}
	if err := errors.Join(err0, err1, err2, err3, err4, sleep(ctx, lateFor)); err != nil {
		return run, err
	}
	var r load.Received
	for _, v := range viewers {
		if err := v.Err(); err != nil {
			return run, fmt.Errorf("a viewer dropped out: %w", err)
		}
		v.Sum(&r)
	}
	if r.First == 0 || len(r.Delays) == 0 {
		return run, errors.New("the viewers received nothing")
	}
	slices.Sort(r.Delays)
	return MediaRun{CPU: float64((cpuEnd - cpu).Microseconds()) / float64(r.First), Forwarded: r.First, Resent: r.Again, Dropped: r.Dropped,
		Missing: r.Missing, Silent: r.Silent, DelayP50: ms(r.Delays[len(r.Delays)/2]), DelayP99: ms(r.Delays[len(r.Delays)*99/100]),
		Rate: float64(r.Bytes) * 8 / 1e6 / d.Seconds() / float64(len(viewers)), Load: 100 * (ownEnd - own).Seconds() / d.Seconds()}, nil
}

// layerNames are those of our pages, the smallest first.
var layerNames = []string{"q", "h", "f"}

func publishers(ctx context.Context, crowd *load.Crowd, at MediaServer, l MediaLoad) error {
	lines := []load.Line{{Mid: "0", Send: true}, {Mid: "1", Video: true, Send: true}}
	if l.Layers > 1 {
		lines[1].Rids = layerNames[len(layerNames)-l.Layers:]
	}
	for i := range l.Publishers {
		c, err := crowd.New(load.Config{Lines: lines})
		if err != nil {
			return err
		}
		c.Speak(i == 0)
		if err := join(ctx, c, at, fmt.Sprintf("/whip/pub%03d", i)); err != nil {
			return err
		}
	}
	return sleep(ctx, time.Second) // until the server knows all layers
}

func viewers(ctx context.Context, crowd *load.Crowd, at MediaServer, l MediaLoad) ([]*load.Client, error) {
	var lines []load.Line
	for i := range l.Publishers {
		lines = append(lines, load.Line{Mid: fmt.Sprint(2 * i)}, load.Line{Mid: fmt.Sprint(2*i + 1), Video: true})
	}
	all := make([]*load.Client, l.Viewers)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(joinAtOnce)
	for i := range all {
		g.Go(func() error {
			c, err := crowd.New(load.Config{Lines: lines, Loss: l.Loss, Seed: uint64(i)})
			if err != nil {
				return err
			}
			all[i] = c
			return join(gctx, c, at, "/whep")
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return all, eventually(ctx, func() bool {
		return !slices.ContainsFunc(all, func(c *load.Client) bool { return c.Streams() < 2*l.Publishers })
	})
}

// join offers a client to the server by WHIP or WHEP and waits until packets can flow.
func join(ctx context.Context, c *load.Client, at MediaServer, path string) error {
	ctx, cancel := context.WithTimeout(ctx, joinWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.URL+path, strings.NewReader(c.Offer()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/sdp")
	req.Header.Set("Authorization", "Bearer "+at.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s: %s: %s", path, res.Status, text)
	}
	if err := c.Answer(string(text)); err != nil {
		return err
	}
	select {
	case <-c.Ready():
		return nil
	case <-c.Done():
		return fmt.Errorf("%s: %w", path, c.Err())
	case <-ctx.Done():
		return fmt.Errorf("%s: no connection: %w", path, ctx.Err())
	}
}

// eventually waits until something is so.
func eventually(ctx context.Context, so func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, joinWithin)
	defer cancel()
	for !so() {
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return fmt.Errorf("not everybody receives everything: %w", err)
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
