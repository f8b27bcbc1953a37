package obs_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"nghisu/internal/obs"
)

func TestServeMetrics(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- obs.ServeMetrics(ctx, l, obs.Metrics()) }()
	for path, want := range map[string]int{"/metrics": http.StatusOK, "/": http.StatusNotFound, "/debug/pprof/": http.StatusNotFound} {
		r, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil || r.StatusCode != want || want == http.StatusOK && !strings.Contains(string(body), "process_cpu_seconds_total") {
			t.Errorf("%s: %d, %v, %.200s", path, r.StatusCode, err, body)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if r, err := http.Get("http://" + l.Addr().String() + "/metrics"); err == nil {
		_ = r.Body.Close()
		t.Error("answers after its end")
	}
}
