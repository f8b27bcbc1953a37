package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"nghisu/internal/bench"
)

// benchMediaCommand measures the media plane in a process of its own, with a load of our own: with loss and
// without it by turns, so that whatever else the machine does meets both.
type benchMediaCommand struct {
	Publishers int     `help:"How many send." default:"1"`
	Viewers    int     `help:"How many receive all of them." default:"200"`
	Seconds    int     `help:"How long each run is measured." default:"8"`
	Loss       float64 `help:"Packets that get lost on their way to a viewer, per cent." default:"1"`
	Layers     int     `help:"Sizes of a publisher's picture, 1 to 3." default:"3"`
	Runs       int     `help:"Pairs of runs; the median counts." default:"3"`
	JSON       bool    `name:"json" help:"Print one line of JSON instead of a table."`
}

// mediaResult is what a measurement prints.
type mediaResult struct {
	Publishers int            `json:"publishers"`
	Viewers    int            `json:"viewers"`
	Layers     int            `json:"layers"`
	Loss       float64        `json:"loss_percent"`
	Seconds    int            `json:"seconds"`
	Runs       int            `json:"runs"`
	Clean      bench.MediaRun `json:"without_loss"` // the run of the median cost
	Lossy      bench.MediaRun `json:"with_loss"`
	Ratio      float64        `json:"ratio"` // of the costs, median of the pairs
	Ratios     []float64      `json:"ratios"`
}

// settleMedia is how long estimates of the lines may grow before anything is measured.
const settleMedia = 4 * time.Second

// Run measures.
func (c *benchMediaCommand) Run(ctx context.Context) error {
	if c.Publishers < 1 || c.Viewers < 1 || c.Seconds < 1 || c.Runs < 1 || c.Layers < 1 || c.Layers > 3 || c.Loss < 0 || c.Loss > 50 {
		return errors.New("a measurement needs somebody who sends and receives, one to three layers, and at most 50 per cent of loss")
	}
	r := mediaResult{Publishers: c.Publishers, Viewers: c.Viewers, Layers: c.Layers, Loss: c.Loss, Seconds: c.Seconds, Runs: c.Runs}
	var clean, lossy []bench.MediaRun
	for i := range c.Runs {
		a, err := c.once(ctx, 0)
		if err != nil {
			return err
		}
		b, err := c.once(ctx, c.Loss/100)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "pair %d of %d: %.2f µs a packet without loss, %.2f with\n", i+1, c.Runs, a.CPU, b.CPU)
		clean, lossy, r.Ratios = append(clean, a), append(lossy, b), append(r.Ratios, b.CPU/a.CPU)
	}
	r.Clean, r.Lossy = middle(clean), middle(lossy)
	sorted := slices.Sorted(slices.Values(r.Ratios))
	r.Ratio = sorted[len(sorted)/2]
	return c.print(os.Stdout, r)
}

// middle is the run of the median cost.
func middle(runs []bench.MediaRun) bench.MediaRun {
	runs = slices.SortedFunc(slices.Values(runs), func(a, b bench.MediaRun) int {
		switch {
		case a.CPU < b.CPU:
			return -1
		case a.CPU > b.CPU:
			return 1
		}
		return 0
	})
	return runs[len(runs)/2]
}

// once is one run against a fresh server.
func (c *benchMediaCommand) once(ctx context.Context, loss float64) (bench.MediaRun, error) {
	server, stop, err := startMediaServer(ctx)
	if err != nil {
		return bench.MediaRun{}, err
	}
	defer stop()
	return bench.MeasureMedia(ctx, server, bench.MediaLoad{Publishers: c.Publishers, Viewers: c.Viewers, Layers: c.Layers, Loss: loss,
		Settle: settleMedia, For: time.Duration(c.Seconds) * time.Second})
}

// startMediaServer starts bench media-server in a process of its own; stop ends it and waits for its end.
func startMediaServer(ctx context.Context) (s bench.MediaServer, stop func(), err error) {
	self, err := ownProgram()
	if err != nil {
		return s, nil, err
	}
	s.Token = "do-luong-" + fmt.Sprint(time.Now().UnixNano())
	cmd := exec.CommandContext(ctx, self, "bench", "media-server", "--listen", "127.0.0.1:0", "--token", s.Token)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return s, nil, err
	}
	if err := cmd.Start(); err != nil {
		return s, nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	lines := bufio.NewReader(pipe)
	first, err := lines.ReadString('\n')
	_, url, found := strings.Cut(strings.TrimSpace(first), "signalling on ")
	if err != nil || !found {
		stop()
		return s, nil, fmt.Errorf("the media server does not start: %s", first)
	}
	go func() { _, _ = io.Copy(os.Stderr, lines) }() // ends with the server
	s.URL, s.PID = url, cmd.Process.Pid
	return s, stop, nil
}

// ownProgram is the file of this program.
func ownProgram() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

func (c *benchMediaCommand) print(w io.Writer, r mediaResult) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(r)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%d send in %d layers, %d receive\twithout loss\t%.1f %% lost\n", r.Publishers, r.Layers, r.Viewers, r.Loss)
	for _, l := range []struct {
		name        string
		form        string
		clean, loss any
	}{
		{"CPU per forwarded packet, µs", "%.2f", r.Clean.CPU, r.Lossy.CPU},
		{"packets forwarded", "%d", r.Clean.Forwarded, r.Lossy.Forwarded},
		{"sent again", "%d", r.Clean.Resent, r.Lossy.Resent},
		{"lost on purpose", "%d", r.Clean.Dropped, r.Lossy.Dropped},
		{"of pictures lost in the end", "%d", r.Clean.Missing, r.Lossy.Missing},
		{"of sound lost in the end", "%d", r.Clean.Silent, r.Lossy.Silent},
		{"delay of pictures, median, ms", "%.1f", r.Clean.DelayP50, r.Lossy.DelayP50},
		{"delay of pictures, 99 %, ms", "%.1f", r.Clean.DelayP99, r.Lossy.DelayP99},
		{"memory per viewer, kB", "%.0f", r.Clean.Memory, r.Lossy.Memory},
		{"a viewer receives, Mbit/s", "%.2f", r.Clean.Rate, r.Lossy.Rate},
	} {
		fmt.Fprintf(t, "%s\t"+l.form+"\t"+l.form+"\n", l.name, l.clean, l.loss)
	}
	fmt.Fprintf(t, "ratio of the costs\t\t%.2f\n", r.Ratio)
	return t.Flush()
}
