package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"nghisu/internal/sfu"
	"nghisu/internal/sfu/whip"
)

// benchMediaServer is the media plane alone, with its defaults, for measuring it from outside.
type benchMediaServer struct {
	Listen string `help:"Address for HTTP; media take a free UDP port of the same host." default:"127.0.0.1:8000"`
	Token  string `help:"Bearer token that callers must have." required:""`
}

// Run serves WHIP at /whip/{id}, WHEP of one publisher at /whep/{id} and of all at /whep.
func (b benchMediaServer) Run(ctx context.Context) error {
	host, _, err := net.SplitHostPort(b.Listen)
	if err != nil {
		return fmt.Errorf("read address %s: %w", b.Listen, err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	media, err := sfu.New(sfu.Config{Listen: net.JoinHostPort(host, "0"), Loopback: true, MaxParticipants: 5000, Log: log})
	if err != nil {
		return err
	}
	defer media.Close()
	h := &whip.Handler{Server: media, Log: log, Authorize: func(_ *http.Request, token string, send bool, id string) (whip.Grant, error) {
		if subtle.ConstantTimeCompare([]byte(token), []byte(b.Token)) != 1 {
			return whip.Grant{}, whip.ErrUnauthorized
		}
		g := whip.Grant{Room: "bench", Only: id}
		if send {
			g.ID, g.Only = id, ""
		}
		return g, nil
	}}
	mux := http.NewServeMux()
	h.Routes(mux.HandleFunc)
	listener, err := net.Listen("tcp", b.Listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { // ends with ctx
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Fprintf(os.Stderr, "media on udp %s, signalling on http://%s\n", media.Addr(), listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
