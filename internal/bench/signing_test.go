package bench_test

import (
	"testing"
	"time"

	"nghisu/internal/bench"
)

// Every figure comes out, and the files that are measured are signed as they should be.
func TestMeasureSigning(t *testing.T) {
	r, err := bench.MeasureSigning(t.Context(), 5*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]float64{"rsa": r.RSAPerSecond, "rsa ratio": r.RSARatio, "ec": r.ECPerSecond, "ec ratio": r.ECRatio, "verify": r.VerifyPerSec} {
		if v <= 0 {
			t.Errorf("%s: %v", name, v)
		}
	}
	t.Logf("%+v", r)
}
