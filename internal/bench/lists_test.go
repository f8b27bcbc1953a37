package bench

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"nghisu/internal/id"
)

func TestPercentile(t *testing.T) {
	var took []time.Duration
	for i := 100; i > 0; i-- {
		took = append(took, time.Duration(i)*time.Millisecond)
	}
	for part, want := range map[float64]float64{0.5: 50, 0.9: 90, 0.99: 99, 1: 100, 0: 1} {
		if got := percentile(took, part); got != want {
			t.Errorf("%v of 1 to 100 ms: %v instead of %v", part, got, want)
		}
	}
	if got := percentile(nil, 0.99); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

// The first combination has no filter: the measurement takes it as the ordinary case.
func TestCombine(t *testing.T) {
	all := combine(City{BigSender: id.New[id.Agency](), RareSender: id.New[id.Agency](), Days: [2]string{"2026-01-01", "2026-11-01"}})
	if len(all) != 4*5*3*4 {
		t.Errorf("%d combinations", len(all))
	}
	if got := all[0].Encode(); got != "limit=50&state=all" {
		t.Errorf("the first is %s", got)
	}
	seen := map[string]url.Values{}
	for _, q := range all {
		seen[q.Encode()] = q
	}
	if len(seen) != len(all) {
		t.Errorf("%d different ones of %d", len(seen), len(all))
	}
}

func TestLists_keyOfTheFigure(t *testing.T) {
	body, err := json.Marshal(Lists{P99: 4.2})
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil || m["incoming_p99_ms"] != 4.2 {
		t.Errorf("%s, %v", body, err)
	}
}
