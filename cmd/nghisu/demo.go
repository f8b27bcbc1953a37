package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"text/tabwriter"

	"nghisu/internal/auth"
	"nghisu/internal/config"
	"nghisu/internal/demo"
	"nghisu/storage/postgres"
)

// demoCommand serves the invented city of Tân Giang; it makes the city on first start.
type demoCommand struct {
	config.Server
}

func (c *demoCommand) Run(ctx context.Context) error {
	return serve(ctx, &c.Server, func(ctx context.Context, n *node) error {
		if err := seedDemo(ctx, n); err != nil {
			return err
		}
		in, err := n.services.accounts.Installation(ctx)
		if err != nil {
			return err
		}
		return printDemo(os.Stdout, c.Listen, c.TLSCert != "", in.DemoAccounts)
	})
}

// seedDemo makes the city in an empty database; one that holds the city already is kept.
func seedDemo(ctx context.Context, n *node) error {
	made, err := demo.SeedCity(ctx, n.data.db, n.services.accounts, postgres.Now())
	if err != nil {
		return err
	}
	if made {
		n.log.Info("made the demo city")
	}
	s := n.services
	made, err = demo.SeedContent(ctx, demo.Parts{DB: n.data.db, Feed: n.feed, Jobs: n.jobs, Uploads: s.uploads, Documents: s.documents, Images: s.images,
		Signing: s.signing, Exchange: s.exchange, Meetings: s.meetings}, postgres.Now())
	switch {
	case err != nil: // people of the demo may have been changed by its users: it serves all the same
		n.log.Error("the demo lacks documents or meetings", "error", err)
	case made:
		n.log.Info("made documents and meetings")
	}
	return nil
}

// printDemo tells where to look and who can sign in.
func printDemo(w io.Writer, listen string, secure bool, accounts []auth.DemoAccount) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return err
	}
	if host == "" || host == "0.0.0.0" || host == "::" || host == "127.0.0.1" {
		host = "localhost"
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	fmt.Fprintf(w, "\n  %s://%s\n\n  password of every account: %s\n\n", scheme, net.JoinHostPort(host, port), demo.Password)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, a := range accounts {
		roles := make([]string, len(a.Roles))
		for i, r := range a.Roles {
			roles[i] = string(r)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s, %s\t%s\n", a.Username, a.FullName, a.Position, a.AgencyName, strings.Join(roles, " "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w)
	return err
}
