package bench

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"nghisu/internal/sfu"
	"nghisu/internal/sfu/whip"
)

// The load plays a meeting to its end: what it loses on purpose is asked for and comes again.
func TestMeasureMedia(t *testing.T) {
	media, err := sfu.New(sfu.Config{Listen: "127.0.0.1:0", Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer media.Close()
	h := &whip.Handler{Server: media, Log: slog.New(slog.DiscardHandler), Authorize: func(_ *http.Request, token string, _ bool, id string) (whip.Grant, error) {
		if token != "t" {
			return whip.Grant{}, whip.ErrUnauthorized
		}
		return whip.Grant{Room: "r", ID: id}, nil
	}}
	mux := http.NewServeMux()
	h.Routes(mux.HandleFunc)
	server := httptest.NewServer(mux)
	defer server.Close()

	at := MediaServer{URL: server.URL, Token: "t", PID: os.Getpid()}
	load := MediaLoad{Publishers: 2, Viewers: 5, Layers: 3, Loss: 0.05, Settle: 100 * time.Millisecond, For: 2 * time.Second}
	got, err := MeasureMedia(t.Context(), at, load)
	if errors.Is(err, ErrNoFigures) {
		t.Logf("only the load was tried: %v", err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if got.Missing != 0 || got.Resent == 0 || got.Dropped == 0 || got.Silent == 0 {
		t.Errorf("%d packets of pictures and %d of sound lost in the end, %d sent again, %d dropped", got.Missing, got.Silent, got.Resent, got.Dropped)
	}
	if got.CPU <= 0 || got.DelayP99 < got.DelayP50 || got.DelayP50 <= 0 || got.Rate <= 0 {
		t.Errorf("figures %+v", got)
	}
	at.Token = "another"
	if _, err := MeasureMedia(t.Context(), at, load); err == nil {
		t.Error("a server that refuses the load is measured")
	}
}
