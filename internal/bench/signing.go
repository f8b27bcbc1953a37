package bench

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"runtime"
	"slices"
	"time"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/pades"
)

// Signing is what signing costs, without network.
type Signing struct {
	LargeSeconds float64 `json:"large_seconds"`      // 200 MB from file to file with fsync, RSA-2048, a whole process
	LargePeakMB  float64 `json:"large_peak_mb"`      // VmHWM of that process
	RSAPerSecond float64 `json:"rsa2048_per_second"` // 300 kB, one core, in one process
	ECPerSecond  float64 `json:"p256_per_second"`
	RSARatio     float64 `json:"rsa2048_ratio"` // of the floor: one key operation and one SHA-256 of the file
	ECRatio      float64 `json:"p256_ratio"`
	VerifyPerSec float64 `json:"verify_per_second"` // judging a good file of 300 kB
}

// smallFile is the size of an ordinary document.
const smallFile = 300_000

// rounds of a measurement; the median counts. They are many and short, so that whatever else the machine
// does meets the floor and us alike.
const rounds = 25

// MeasureSigning fills everything but the large file, on one core, turn and turn about with the floor. Each of
// the five kinds of work takes about as long as slice says.
func MeasureSigning(ctx context.Context, slice time.Duration) (Signing, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var out Signing
	file := Document(smallFile)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return out, err
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return out, err
	}
	var good []byte
	var root *x509.Certificate
	for _, k := range []struct {
		key               crypto.Signer
		perSecond, ratios *float64
	}{{ec, &out.ECPerSecond, &out.ECRatio}, {rsaKey, &out.RSAPerSecond, &out.RSARatio}} {
		signer, err := SelfSigned(k.key)
		if err != nil {
			return out, err
		}
		root = signer.Certificate
		var rates, ratios []float64
		var target bytes.Buffer
		target.Grow(2 * len(file))
		for range rounds {
			floor, err := rate(ctx, slice/rounds, func() error { return floorOf(file, k.key) })
			if err != nil {
				return out, err
			}
			ours, err := rate(ctx, slice/rounds, func() error {
				target.Reset()
				return signOnce(&target, file, signer)
			})
			if err != nil {
				return out, err
			}
			rates, ratios = append(rates, ours), append(ratios, ours/floor)
		}
		good = target.Bytes()
		*k.perSecond, *k.ratios = median(rates), median(ratios)
	}
	out.VerifyPerSec, err = measureJudge(ctx, slice, good, root)
	return out, err
}

func measureJudge(ctx context.Context, slice time.Duration, good []byte, root *x509.Certificate) (float64, error) {
	opts := judge.Options{Lists: []judge.TrustList{{Name: "bench", Anchors: []*x509.Certificate{root}}}, Now: time.Now()}
	var rates []float64
	for range rounds {
		r, err := rate(ctx, slice/rounds, func() error {
			report, err := judge.Judge(bytes.NewReader(good), int64(len(good)), opts)
			if err == nil && (len(report.Signatures) != 1 || report.Signatures[0].Status != judge.Passed) {
				return fmt.Errorf("judged %+v", report)
			}
			return err
		})
		if err != nil {
			return 0, err
		}
		rates = append(rates, r)
	}
	return median(rates), nil
}

// rate runs fn for about slice and tells how often a second.
func rate(ctx context.Context, slice time.Duration, fn func() error) (float64, error) {
	start := time.Now()
	for n := 1; ; n++ {
		if err := errors.Join(ctx.Err(), fn()); err != nil {
			return 0, err
		}
		if took := time.Since(start); took >= slice {
			return float64(n) / took.Seconds(), nil
		}
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func floorOf(file []byte, key crypto.Signer) error {
	digest := sha256.Sum256(file)
	_, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	return err
}

// signOnce signs file into target: the original is copied once, the message made and put into its hole.
func signOnce(target *bytes.Buffer, file []byte, s pades.Signer) error {
	plan, err := pades.Prepare(bytes.NewReader(file), int64(len(file)), pades.Request{Name: "Nguyễn Thị Mỹ Hạnh",
		Reason: "Ký ban hành văn bản 05/QĐ-UBND", At: time.Now(), Hole: 2048})
	if err != nil {
		return err
	}
	if err := plan.Embed(copying{bytes.NewReader(file), file, target}, s); err != nil {
		return err
	}
	_, err = target.Write(plan.Appendix)
	return err
}

// copying is a reader whose bytes reach target as well, block by block while they are near.
type copying struct {
	io.Reader
	file   []byte
	target io.Writer
}

// WriteTo implements io.WriterTo.
func (c copying) WriteTo(w io.Writer) (n int64, err error) {
	for b := range slices.Chunk(c.file, 16<<10) {
		if _, err := w.Write(b); err != nil {
			return n, err
		}
		if _, err := c.target.Write(b); err != nil {
			return n, err
		}
		n += int64(len(b))
	}
	return n, nil
}

// SelfSigned is a key with a certificate of its own, good for measuring only.
func SelfSigned(key crypto.Signer) (pades.Signer, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "Nguyễn Thị Mỹ Hạnh"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return pades.Signer{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return pades.Signer{Key: key, Certificate: cert, Algorithm: cms.Usual}, err
}
