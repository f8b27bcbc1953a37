package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5"

	"nghisu/internal/auth"
	"nghisu/internal/bench"
	"nghisu/internal/config"
	"nghisu/internal/id"
	"nghisu/internal/obs"
	"nghisu/storage/postgres"
)

// benchCommand holds the measurements; each prints a table, or with --json one line of JSON.
type benchCommand struct {
	Lists       benchListsCommand `cmd:"" help:"How fast the list of incoming documents answers in a large database."`
	Sign        benchSignCommand  `cmd:"" help:"How fast PDF files are signed and judged, without network."`
	Media       benchMediaCommand `cmd:"" help:"What the media plane costs per forwarded packet, with lost packets and without."`
	Soak        benchSoakCommand  `cmd:"" help:"Hold a long meeting and look whether anything grows or goes missing."`
	Floor       benchFloorCommand `cmd:"" help:"How long it takes from the chair's call until everybody hears the speaker."`
	MediaServer benchMediaServer  `cmd:"" help:"Serve the media plane alone, by WHIP and WHEP, to be measured from outside."`
	Large       benchLargeCommand `cmd:"" hidden:"" help:"Sign one file and tell the memory that took."`
}

// benchListsCommand fills a database of its own in a temporary folder, serves a whole node on a
// loopback port, signs in as a clerk and asks for pages of incoming documents.
type benchListsCommand struct {
	Documents int  `help:"Deliveries in the database." default:"100000"`
	Requests  int  `help:"Requests to measure." default:"2000"`
	JSON      bool `name:"json" help:"Print one line of JSON instead of a table."`
}

// The account that measures; it lives as long as the temporary database.
const (
	benchUser     = "bench"
	benchPassword = "do-luong-danh-sach-2026"
)

func (c *benchListsCommand) Run(ctx context.Context) (err error) {
	if c.Documents < 1000 || c.Requests < 1 {
		return errors.New("a measurement needs at least 1000 documents and one request")
	}
	dir, err := os.MkdirTemp("", "nghisu-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg, err := benchConfig(filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	n, err := buildNode(ctx, cfg, obs.Logger(io.Discard, cfg.LogFormat, cfg.LogLevel)) // lines are made as in service, and thrown away
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, n.close(ctx)) }()
	fmt.Fprintf(os.Stderr, "filling a database with %d deliveries\n", c.Documents)
	city, err := c.fill(ctx, n)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	result, err := c.serveAndMeasure(ctx, n, listener, city)
	if err != nil {
		return err
	}
	return c.print(os.Stdout, result)
}

// benchConfig are the settings of a server as it comes, on nothing but the folder: whatever the
// environment says, a measurement touches no other database and store.
func benchConfig(data string) (*config.Server, error) {
	var cfg config.Server
	parser, err := kong.New(&cfg)
	if err != nil {
		return nil, err
	}
	if _, err := parser.Parse(nil); err != nil {
		return nil, err
	}
	cfg.Data, cfg.PKIDir, cfg.Listen = data, "", "127.0.0.1:0"
	cfg.Database, cfg.Objects, cfg.Media = config.Database{}, config.Objects{}, config.Media{Listen: "127.0.0.1:0"}
	cfg.TLSCert, cfg.TLSKey, cfg.Proxies = "", "", ""
	return &cfg, cfg.Check()
}

func (c *benchListsCommand) fill(ctx context.Context, n *node) (city bench.City, err error) {
	// The account is one of the demo's, which an installation of our own may have.
	if err := postgres.InTx(ctx, n.data.db, func(tx *postgres.Tx) error { return auth.MarkDemo(ctx, tx) }); err != nil {
		return city, err
	}
	conn, err := pgx.Connect(ctx, n.data.ownerURL)
	if err != nil {
		return city, err
	}
	defer func() { _ = conn.Close(ctx) }()
	if city, err = bench.Fill(ctx, conn, c.Documents); err != nil {
		return city, err
	}
	return city, postgres.InTx(ctx, n.data.db, func(tx *postgres.Tx) error {
		return n.services.accounts.OpenDemo(ctx, tx, map[string]id.Person{benchUser: city.Clerk}, benchPassword)
	})
}

// serveAndMeasure runs the node as serve does while the measurement asks.
func (c *benchListsCommand) serveAndMeasure(ctx context.Context, n *node, listener net.Listener, city bench.City) (bench.Lists, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- n.run(ctx, listener) }()
	base := "http://" + listener.Addr().String()
	client, err := signIn(ctx, base, benchUser)
	var result bench.Lists
	if err == nil {
		fmt.Fprintf(os.Stderr, "asking %d times for incoming documents of an agency with %d\n", c.Requests, city.Incoming)
		result, err = bench.MeasureLists(ctx, client, base, city, c.Requests)
	}
	stop()
	return result, errors.Join(err, <-ended)
}

// signIn makes a client that carries the session cookie.
func signIn(ctx context.Context, base, user string) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	body, err := json.Marshal(map[string]string{"username": user, "password": benchPassword})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/sign-in", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		return nil, fmt.Errorf("sign in: %s: %s", res.Status, text)
	}
	return client, nil
}

func (c *benchListsCommand) print(w io.Writer, r bench.Lists) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(r)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "deliveries in the database\t%d\nof them incoming here\t%d\nrequests\t%d\ncombinations of filters\t%d\n",
		r.Deliveries, r.Incoming, r.Requests, r.Queries)
	for _, line := range []struct {
		name  string
		value float64
	}{{"median", r.P50}, {"90 %", r.P90}, {"99 %", r.P99}, {"99 %, first pages", r.First99}, {"99 %, deep pages", r.Deep99},
		{"99 %, with filters", r.Filtered99}, {"slowest", r.Max}} {
		fmt.Fprintf(t, "%s\t%.2f ms\n", line.name, line.value)
	}
	fmt.Fprintf(t, "slowest request\t%s\n", r.Slowest)
	return t.Flush()
}
