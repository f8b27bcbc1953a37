package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nghisu/internal/audit"
	"nghisu/internal/auth"
	"nghisu/internal/conference"
	"nghisu/internal/config"
	"nghisu/internal/demo"
	"nghisu/internal/document"
	"nghisu/internal/exchange"
	"nghisu/internal/httpapi"
	"nghisu/internal/inbox"
	"nghisu/internal/jobs"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/obs"
	"nghisu/internal/org"
	"nghisu/internal/sfu"
	"nghisu/internal/sfu/relay"
	"nghisu/internal/signing"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/images"
	"nghisu/internal/signing/inspection"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/press"
	"nghisu/internal/signing/revocation"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/signing/trust"
	"nghisu/internal/signing/tsp"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
	"nghisu/web"
)

// node is one running process with all its parts. The parts are built once, in the order of their
// dependencies, and do not change afterwards.
type node struct {
	cfg        *config.Server
	log        *slog.Logger
	data       *database
	store      objects.Store
	feed       *live.Feed
	hub        *live.Hub
	jobs       *jobs.Client
	workers    *jobs.Registry
	services   services
	media      *sfu.Server
	relay      *relay.Relay  // nil without
	readers    *sandbox.Pool // children that read strangers' files
	metrics    *prometheus.Registry
	api        *httpapi.API
	endSockets context.CancelFunc
}

// services are the features of a node.
type services struct {
	accounts    *auth.Service
	org         *org.Service
	uploads     *upload.Service
	images      *images.Service
	documents   *document.Service
	exchange    *exchange.Service
	inbox       *inbox.Service
	meetings    *meeting.Service
	conference  *conference.Service
	signing     *signing.Service
	keys        *keys.Service
	inspections *inspection.Service
}

// buildNode opens the database and the store and builds every part. On failure nothing stays open.
func buildNode(ctx context.Context, cfg *config.Server, log *slog.Logger) (*node, error) {
	data, err := openDatabase(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	n := &node{cfg: cfg, log: log, data: data, feed: live.NewFeed(), hub: live.NewHub(), workers: jobs.NewRegistry()}
	if err := n.build(ctx); err != nil {
		return nil, errors.Join(err, n.close(ctx))
	}
	return n, nil
}

func (n *node) build(ctx context.Context) error {
	metrics := obs.Metrics()
	var err error
	if n.store, err = openStore(ctx, n.cfg, objects.Options{Log: n.log, OnDamage: meterDamage(metrics)}); err != nil {
		return err
	}
	if n.jobs, err = jobs.New(n.data.db, n.log); err != nil {
		return err
	}
	n.metrics = metrics
	if err := n.buildServices(); err != nil {
		return err
	}
	proxies, err := n.cfg.ProxyList()
	if err != nil {
		return err
	}
	ending, end := context.WithCancel(context.WithoutCancel(ctx))
	n.endSockets = end
	s := n.services
	n.meterRooms(metrics)
	meterCertificates(metrics, s.keys)
	n.api = httpapi.New(httpapi.Deps{
		DB: n.data.db, Log: n.log, Now: postgres.Now, Metrics: metrics, Proxies: proxies, Web: web.Files(), Version: version,
		Hub: n.hub, Ending: ending, Audit: audit.NewReader(n.data.db), Objects: n.store,
		Sessions: s.accounts, Accounts: s.accounts, Org: s.org, Uploads: s.uploads, Documents: s.documents,
		Exchange: s.exchange, Inbox: s.inbox, Meetings: s.meetings, Conference: s.conference, Signing: s.signing,
		Keys: s.keys, Inspections: s.inspections, Trust: trust.New(trust.Deps{DB: n.data.db}), Images: s.images,
	})
	return nil
}

// buildServices makes the features, in the order in which they use one another.
func (n *node) buildServices() error {
	var err error
	s, db := &n.services, n.data.db
	jobs.ForgetCommands(n.workers, db, nil)
	limits := auth.DefaultLimits
	limits.Idle, limits.Absolute, limits.StepUp = n.cfg.SessionIdle, n.cfg.SessionTotal, n.cfg.SessionSign
	if s.accounts, err = auth.New(auth.Deps{DB: db, Feed: n.feed, Log: n.log, Limits: limits, DemoAccounts: demo.Logins()}); err != nil {
		return err
	}
	s.org = org.New(org.Deps{DB: db, Accounts: s.accounts, Feed: n.feed})
	s.uploads = upload.New(upload.Deps{DB: db, Store: n.store, Log: n.log})
	s.uploads.RegisterJobs(n.workers)
	if n.readers, err = sandbox.NewPool(sandbox.Options{Cache: filepath.Join(n.cfg.Data, "cache"), Metrics: n.metrics}); err != nil {
		return err
	}
	s.images = images.New(images.Deps{DB: db, Store: n.store, Uploads: s.uploads})
	s.documents = document.New(document.Deps{DB: db, Uploads: s.uploads, Store: n.store, Feed: n.feed,
		Press: press.New(press.Deps{Store: n.store, Keeper: s.uploads, Runner: n.readers})})
	s.documents.RegisterJobs(n.workers)
	s.exchange = exchange.New(exchange.Deps{DB: db, Store: n.store, Jobs: n.jobs, Feed: n.feed})
	s.exchange.RegisterJobs(n.workers)
	s.inbox = inbox.New(inbox.Deps{DB: db})
	s.meetings = meeting.New(meeting.Deps{DB: db, Uploads: s.uploads, Feed: n.feed})
	if err := n.buildRooms(); err != nil {
		return err
	}
	s.conference.RegisterJobs(n.workers)
	return n.buildSigning()
}

// buildSigning opens the development keys and makes what signs and judges.
func (n *node) buildSigning() error {
	pki, err := devpki.Open(n.cfg.PKIDir, postgres.Now())
	if err != nil {
		return err
	}
	s := &n.services
	if err := n.buildKeys(pki); err != nil {
		return err
	}
	s.signing = signing.New(signing.Deps{DB: n.data.db, Store: n.store, Keeper: s.uploads, Documents: s.documents,
		PKI: pki, Keys: s.keys, Runner: n.readers, Jobs: n.jobs,
		Stamper: n.stamper(pki), Unstamped: n.cfg.Stamps.Optional, RenewBefore: time.Duration(n.cfg.Stamps.RenewDays) * 24 * time.Hour,
		Fetcher: &revocation.Fetcher{Cache: signing.EvidenceCache{DB: n.data.db}, Now: postgres.Now},
		Feed:    n.feed, Log: n.log})
	s.signing.RegisterJobs(n.workers)
	s.inspections = inspection.New(inspection.Deps{DB: n.data.db, Uploads: s.uploads, Judge: s.signing})
	return nil
}

// buildKeys makes the part that knows where signing keys are.
func (n *node) buildKeys(pki *devpki.PKI) error {
	d := keys.Deps{DB: n.data.db, Log: n.log, PublicURL: n.cfg.PublicURL}
	d.Anchors = func(ctx context.Context) ([]*x509.Certificate, error) {
		lists, err := trust.Load(ctx, n.data.db)
		return slices.Concat(lists[trust.PublicService], lists[trust.Public]), err
	}
	if n.cfg.Keys.Development == "on" {
		d.PKI = pki
	}
	var err error
	switch {
	case n.cfg.Keys.Encryption != "":
		d.Keyring, err = keys.ReadKeyring(n.cfg.Keys.Encryption)
	case n.data.embedded != nil:
		d.Keyring, err = keys.OpenKeyring(filepath.Join(n.cfg.Data, "keys", "encryption.keys"))
	}
	if err != nil {
		return err
	}
	if d.Sources, err = keys.ReadSources(n.cfg.Keys.SourcesFile); err != nil {
		return err
	}
	n.services.keys = keys.New(d)
	n.services.keys.RegisterJobs(n.workers)
	return nil
}

// stamper is who proves the time of signatures.
func (n *node) stamper(pki *devpki.PKI) signing.Stamper {
	if n.cfg.Stamps.URL == "" {
		return devpki.Stamper{PKI: pki, Now: postgres.Now}
	}
	return &tsp.Client{URL: n.cfg.Stamps.URL, Roots: func(ctx context.Context) ([]*x509.Certificate, error) {
		return n.services.signing.StampRoots(ctx)
	}}
}

// loops are the parts with a life of their own, by the name that their failure is told under.
func (n *node) loops() map[string]func(context.Context) error {
	all := map[string]func(context.Context) error{
		"page engine": n.warmPages,
		"rooms":       n.services.conference.Run,
		"live feed":   func(ctx context.Context) error { return n.feed.Run(ctx, n.data.db, n.log) },
		"live hub":    func(ctx context.Context) error { return n.hub.Listen(ctx, n.data.db, n.log) },
		"audit chain": audit.NewChainer(n.data.db, n.log).Run,
		"jobs":        func(ctx context.Context) error { return n.jobs.Run(ctx, n.workers) },
	}
	if n.cfg.Metrics != "" {
		all["metrics"] = n.serveMetrics
	}
	return all
}

// serveMetrics lets Prometheus read the figures.
func (n *node) serveMetrics(ctx context.Context) error {
	l, err := net.Listen("tcp", n.cfg.Metrics)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("another program uses %s already: end it, or choose another address with --metrics-listen", n.cfg.Metrics)
	}
	if err != nil {
		return fmt.Errorf("listen on %s: %w", n.cfg.Metrics, err)
	}
	n.log.Info("figures for Prometheus", "address", l.Addr().String())
	return obs.ServeMetrics(ctx, l, n.metrics)
}

// warmPages compiles the page engine once for each version, so that nobody waits for it later.
func (n *node) warmPages(ctx context.Context) error {
	if err := n.readers.Warm(ctx); err != nil && ctx.Err() == nil {
		n.log.Warn("the engine that draws pages could not be made ready; it is tried again when needed", "error", err)
	}
	return nil
}

// lost is closed when the embedded database cannot be kept alive; never with an external one.
func (n *node) lost() <-chan struct{} {
	if n.data.embedded == nil {
		return nil
	}
	return n.data.embedded.Lost()
}

func (n *node) close(ctx context.Context) error {
	if n.readers != nil {
		n.readers.Close()
	}
	if n.services.keys != nil {
		n.services.keys.Close()
	}
	return errors.Join(n.closeRooms(), n.data.close(ctx))
}

// meterCertificates shows how many certificates end soon: anything above zero asks for somebody.
func meterCertificates(r prometheus.Registerer, k *keys.Service) {
	for _, days := range keys.WarnAt {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "nghisu_keys_certificates_ending",
			Help:        "Certificates in use that end within so many days; 0 days: that have ended.",
			ConstLabels: prometheus.Labels{"days": strconv.Itoa(days)}}, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			n, err := k.Ending(ctx, days)
			if err != nil {
				return math.NaN() // not known is not none
			}
			return float64(n)
		}))
	}
}

// meterDamage counts what the object store finds damaged: anything above zero is an alarm.
func meterDamage(r prometheus.Registerer) func(context.Context, objects.Hash) {
	found := prometheus.NewCounter(prometheus.CounterOpts{Name: "nghisu_objects_damaged_total",
		Help: "Times that a stored file was found not to match its hash; it was not served."})
	r.MustRegister(found)
	return func(context.Context, objects.Hash) { found.Inc() }
}
