package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"nghisu/internal/config"
	"nghisu/internal/obs"
)

// serveCommand serves one node until it is told to end.
type serveCommand struct {
	config.Server
}

func (c *serveCommand) Run(ctx context.Context) error {
	return serve(ctx, &c.Server, refuseDemo)
}

// prepare runs once the node is built and before it serves.
type prepare func(ctx context.Context, n *node) error

// serve builds a node, prepares it, runs it, and ends it within ten seconds of ctx's end.
func serve(ctx context.Context, cfg *config.Server, first prepare) error {
	if err := cfg.Check(); err != nil {
		return err
	}
	log := obs.Logger(os.Stderr, cfg.LogFormat, cfg.LogLevel)
	listener, err := listen(cfg)
	if err != nil {
		return err
	}
	n, err := buildNode(ctx, cfg, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	err = first(ctx, n)
	if err == nil {
		err = n.run(ctx, listener)
	} else {
		err = errors.Join(err, listener.Close())
	}
	if closeErr := n.close(ctx); closeErr != nil {
		log.Error("end of node", "error", closeErr)
	}
	log.Info("ended")
	return err
}

// listen takes the port first, so that a busy one is told before anything else happens.
func listen(cfg *config.Server) (net.Listener, error) {
	l, err := net.Listen("tcp", cfg.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("another program uses %s already: end it, or choose another address with --listen", cfg.Listen)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", cfg.Listen, err)
	}
	if cfg.TLSCert == "" {
		return l, nil
	}
	pair, err := tls.LoadX509KeyPair(cfg.TLSCert, cfg.TLSKey)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read --tls-cert and --tls-key: %w", err), l.Close())
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"}}), nil // sockets need HTTP/1.1
}

// run serves until ctx ends or a part fails. Order of the end: no new connections, sockets closed,
// requests finished, jobs drained, background loops ended.
func (n *node) run(ctx context.Context, listener net.Listener) error {
	requests, endRequests := context.WithCancel(context.WithoutCancel(ctx))
	defer endRequests()
	server := &http.Server{
		Handler: n.api, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return requests },
		ErrorLog:    slog.NewLogLogger(n.log.Handler(), slog.LevelDebug),
	}
	group, ctx := errgroup.WithContext(ctx)
	loops, endLoops := context.WithCancel(context.WithoutCancel(ctx))
	defer endLoops()
	for name, loop := range n.loops() {
		group.Go(func() error {
			if err := loop(loops); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() (failure error) {
		select {
		case <-ctx.Done():
		case <-n.lost():
			failure = errors.New("the embedded database cannot be kept running") // and whoever watches us starts us again
		}
		n.log.Info("ending")
		shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		n.endSockets()
		if err := server.Shutdown(shutdown); err != nil {
			endRequests()
			_ = server.Close()
		}
		endLoops()
		return failure
	})
	n.log.Info("serving", "address", listener.Addr().String(), "version", version)
	return group.Wait()
}

// refuseDemo keeps a demo database out of real service: its accounts are known to everybody.
func refuseDemo(ctx context.Context, n *node) error {
	var demo bool
	if err := n.data.db.QueryRow(ctx, `select demo from installation`).Scan(&demo); err != nil {
		return fmt.Errorf("read installation: %w", err)
	}
	if demo {
		return errors.New("this database holds the demo city with known passwords: start it with nghisu demo, or use another --data")
	}
	return nil
}
