package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/bench"
	"nghisu/internal/id"
	"nghisu/internal/meeting"
	"nghisu/internal/obs"
	"nghisu/storage/postgres"
)

// benchFloorCommand runs a whole node on a database of its own, fills the room of a meeting and lets the chair
// call one speaker after the other.
type benchFloorCommand struct {
	Receivers int  `help:"Who must hear the speaker." default:"200"`
	Calls     int  `help:"How often the chair calls." default:"50"`
	JSON      bool `name:"json" help:"Print one line of JSON instead of a table."`
}

// The accounts of the measurement: all receivers are one person with many pages.
const (
	floorChair    = "chutoa"
	floorListener = "nguoinghe"
	floorFirst    = "phatbieu1"
	floorSecond   = "phatbieu2"
	floorInvited  = 60 // who are called to speak, not free
)

// Run measures.
func (c *benchFloorCommand) Run(ctx context.Context) error {
	if c.Receivers < 1 || c.Receivers > 290 || c.Calls < 2 {
		return errors.New("a measurement needs 1 to 290 receivers and two calls")
	}
	result, err := c.serveAndMeasure(ctx)
	if err != nil {
		return err
	}
	return c.print(os.Stdout, result)
}

// serveAndMeasure runs the node as serve does while the chair calls.
func (c *benchFloorCommand) serveAndMeasure(ctx context.Context) (result bench.Floor, err error) {
	dir, err := os.MkdirTemp("", "nghisu-bench-")
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg, err := benchConfig(filepath.Join(dir, "data"))
	if err != nil {
		return result, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return result, err
	}
	n, err := buildNode(ctx, cfg, obs.Logger(io.Discard, cfg.LogFormat, cfg.LogLevel))
	if err != nil {
		return result, errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, n.close(ctx)) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- n.run(ctx, listener) }()
	result, err = c.measure(ctx, n, "http://"+listener.Addr().String())
	stop()
	return result, errors.Join(err, <-ended)
}

func (c *benchFloorCommand) measure(ctx context.Context, n *node, base string) (bench.Floor, error) {
	people, err := fillPeople(ctx, n)
	if err != nil {
		return bench.Floor{}, err
	}
	m, err := openMeeting(ctx, n.services.meetings, people)
	if err != nil {
		return bench.Floor{}, err
	}
	plan := bench.FloorPlan{Base: base, Meeting: m, Receivers: c.Receivers, Calls: c.Calls}
	for i, user := range []string{floorChair, floorListener, floorFirst, floorSecond} {
		client, err := signIn(ctx, base, user)
		if err != nil {
			return bench.Floor{}, err
		}
		client.Transport = &http.Transport{MaxIdleConnsPerHost: 4}
		switch i {
		case 0:
			plan.Chair = client
		case 1:
			plan.Listener = client
		default:
			plan.Speakers = append(plan.Speakers, bench.Speaker{Client: client, Appointment: people[i+1].Appointment})
		}
	}
	fmt.Fprintf(os.Stderr, "%d people come into the room; then the chair calls %d times\n", c.Receivers+2, c.Calls)
	return bench.MeasureFloor(ctx, plan)
}

// fillPeople makes a city and the accounts of the measurement. The first is the secretary, then come the
// chair, who listens, and who speak.
func fillPeople(ctx context.Context, n *node) ([]access.Actor, error) {
	if err := postgres.InTx(ctx, n.data.db, func(tx *postgres.Tx) error { return auth.MarkDemo(ctx, tx) }); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, n.data.ownerURL)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	const deliveries = 1000
	if _, err := bench.Fill(ctx, conn, deliveries); err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, `select a.person_id, a.id, a.agency_id, g.name from appointments a join agencies g on g.id = a.agency_id
		where g.code like 'BENCH.%' order by g.sort, a.id desc limit $1`, floorInvited)
	if err != nil {
		return nil, err
	}
	people, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (a access.Actor, err error) {
		a.Roles = []access.Role{access.Secretary}
		return a, r.Scan(&a.Person, &a.Appointment, &a.Agency, &a.AgencyName)
	})
	if err != nil {
		return nil, err
	}
	return people, postgres.InTx(ctx, n.data.db, func(tx *postgres.Tx) error {
		return n.services.accounts.OpenDemo(ctx, tx, map[string]id.Person{floorChair: people[1].Person, floorListener: people[2].Person,
			floorFirst: people[3].Person, floorSecond: people[4].Person}, benchPassword)
	})
}

// openMeeting convenes and opens a meeting of all of them.
func openMeeting(ctx context.Context, s *meeting.Service, people []access.Actor) (id.Meeting, error) {
	secretary := people[0]
	now := time.Now()
	v, err := s.Create(ctx, secretary, meeting.Facts{Title: "Hội nghị trực tuyến đo lường", StartsAt: now, EndsAt: now.Add(8 * time.Hour), Online: true,
		Chair: people[1].Appointment}, []meeting.ItemFacts{{Title: "Thảo luận"}})
	if err != nil {
		return id.Meeting{}, err
	}
	m := v.Meeting.ID
	var invited []meeting.Invitee
	for _, p := range people[2:] {
		invited = append(invited, meeting.Invitee{Appointment: p.Appointment, Role: meeting.Point})
	}
	if _, err := s.Invite(ctx, secretary, m, 0, invited); err != nil {
		return m, err
	}
	if _, err := s.Convene(ctx, secretary, m, 0); err != nil {
		return m, err
	}
	_, err = s.Open(ctx, secretary, m, 0)
	return m, err
}

func (c *benchFloorCommand) print(w io.Writer, r bench.Floor) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(r)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%d calls, %d receivers\tmedian\t99 %%\tslowest\n", r.Calls, r.Receivers)
	fmt.Fprintf(t, "heard by all, ms\t%.0f\t%.0f\t%.0f\n", r.P50, r.P99, r.Max)
	fmt.Fprintf(t, "heard by the first, ms\t%.0f\n", r.First50)
	fmt.Fprintf(t, "the speaker's page is told, ms\t%.0f\t%.0f\n", r.Told50, r.Told99)
	fmt.Fprintf(t, "the chair's page is answered, ms\t%.0f\t%.0f\n", r.Answered50, r.Answered99)
	fmt.Fprintf(t, "at most %.0f ms for 99 of 100\t%v\n", r.MustP99, r.Passed)
	return t.Flush()
}
