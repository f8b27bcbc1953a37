package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"nghisu/internal/bench"
)

// benchSoakCommand holds a long meeting with all that happens in one, and fails when memory or goroutines
// grow, somebody drops out, or a packet of a picture is missing in the end.
type benchSoakCommand struct {
	Duration time.Duration `help:"How long." default:"4h"`
	People   int           `help:"How many are there at a time." default:"8"`
	Loss     float64       `help:"Packets that get lost on their way to somebody, per cent." default:"1"`
	Seed     uint64        `help:"Of what happens." default:"1"`
	JSON     bool          `name:"json" help:"Print one line of JSON instead of a table."`
}

// Run measures.
func (c *benchSoakCommand) Run(ctx context.Context) error {
	if c.Duration < 10*time.Second || c.People < 2 || c.People > 50 || c.Loss < 0 || c.Loss > 20 {
		return errors.New("a soak needs ten seconds, 2 to 50 people and at most 20 per cent of loss")
	}
	r, err := bench.MeasureSoak(ctx, bench.SoakPlan{For: c.Duration, People: c.People, Loss: c.Loss / 100, Seed: c.Seed,
		Note: func(s string) { fmt.Fprintln(os.Stderr, s) }})
	if err != nil {
		return err
	}
	if err := c.print(r); err != nil {
		return err
	}
	if !r.Passed {
		return errors.New("the soak found something that grows or goes missing")
	}
	return nil
}

func (c *benchSoakCommand) print(r bench.Soak) error {
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%d people for %.0f s\t%d came, %d moved to another network, %d views, %d speeches, %d screens, %d times the floor\n",
		r.People, r.Seconds, r.Joins, r.Restarts, r.Views, r.Speeches, r.Shares, r.Floors)
	fmt.Fprintf(t, "packets\t%d, %d lost on purpose, %d sent again\n", r.Packets, r.Dropped, r.Resent)
	fmt.Fprintf(t, "lost in the end\t%d of pictures, %d of sound, which is not sent again\n", r.Missing, r.Silent)
	fmt.Fprintf(t, "people who dropped out\t%d\n", r.Fallen)
	for _, l := range []struct {
		name string
		t    bench.Trend
	}{{"goroutines", r.Goroutines}, {"memory in use, kB", r.Memory}} {
		fmt.Fprintf(t, "%s\t%.0f, growth %.1f ± %.1f, flat: %v\n", l.name, l.t.Mean, l.t.Growth, l.t.Error, l.t.Flat)
	}
	return t.Flush()
}
