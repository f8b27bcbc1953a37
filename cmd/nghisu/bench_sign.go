package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"nghisu/internal/bench"
)

// benchSignCommand measures signing without network: a large file from file to file in a process of its own,
// and files of ordinary size in this one.
type benchSignCommand struct {
	Size int           `help:"Size of the large file in megabytes." default:"200"`
	Runs int           `help:"How often the large file is signed; the median counts." default:"5"`
	For  time.Duration `name:"for" help:"How long each of the five other measurements takes." default:"2s"`
	Dir  string        `placeholder:"DIR" help:"Where the large files are written; the folder for temporary files by default."`
	JSON bool          `name:"json" help:"Print one line of JSON instead of a table."`
}

func (c *benchSignCommand) Run(ctx context.Context) (err error) {
	if c.Size < 1 || c.Runs < 1 || c.For <= 0 {
		return errors.New("a measurement needs a size, a run and some time")
	}
	dir, err := os.MkdirTemp(c.Dir, "nghisu-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	seconds, peak, err := c.large(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "signing files of 300 kB on one core")
	result, err := bench.MeasureSigning(ctx, c.For)
	if err != nil {
		return err
	}
	result.LargeSeconds, result.LargePeakMB = seconds, peak
	return c.print(os.Stdout, result)
}

// large signs the large file some times, each by a process of its own, as sign pdf does.
func (c *benchSignCommand) large(ctx context.Context, dir string) (seconds, peak float64, err error) {
	fmt.Fprintf(os.Stderr, "signing a file of %d MB %d times\n", c.Size, c.Runs)
	in := filepath.Join(dir, "in.pdf")
	if err := writeLarge(in, int64(c.Size)*1_000_000); err != nil {
		return 0, 0, err
	}
	p12, pass := filepath.Join(dir, "key.p12"), filepath.Join(dir, "pass")
	if err := writeKey(p12, pass); err != nil {
		return 0, 0, err
	}
	self := "/proc/self/exe"
	if runtime.GOOS != "linux" {
		if self, err = os.Executable(); err != nil {
			return 0, 0, err
		}
	}
	var times, peaks []float64
	for i := range c.Runs {
		out := filepath.Join(dir, fmt.Sprintf("out%d.pdf", i))
		cmd := exec.CommandContext(ctx, self, "bench", "large", "--p12", p12, "--pass-file", pass, "--in", in, "--out", out)
		cmd.Stderr = os.Stderr
		start := time.Now()
		answer, err := cmd.Output()
		took := time.Since(start).Seconds()
		if err != nil {
			return 0, 0, fmt.Errorf("sign large file: %w", err)
		}
		var own struct {
			PeakMB float64 `json:"peak_mb"`
		}
		if err := json.Unmarshal(answer, &own); err != nil {
			return 0, 0, fmt.Errorf("sign large file: %w", err)
		}
		times, peaks = append(times, took), append(peaks, own.PeakMB)
		if err := os.Remove(out); err != nil {
			return 0, 0, err
		}
	}
	slices.Sort(times)
	return times[len(times)/2], slices.Max(peaks), nil
}

func writeLarge(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(bench.WriteDocument(w, size), w.Flush(), f.Sync(), f.Close())
}

func writeKey(p12, pass string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	s, err := bench.SelfSigned(key)
	if err != nil {
		return err
	}
	const word = "do-luong-2026"
	data, err := pkcs12.Modern.Encode(key, s.Certificate, nil, word)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(p12, data, 0o600), os.WriteFile(pass, []byte(word+"\n"), 0o600))
}

func (c *benchSignCommand) print(w io.Writer, r bench.Signing) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(r)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%d MB, file to file, RSA-2048\t%.2f s\t%.0f MB of memory\n", c.Size, r.LargeSeconds, r.LargePeakMB)
	fmt.Fprintf(t, "300 kB, RSA-2048, one core\t%.0f /s\t%.2f of the floor\n", r.RSAPerSecond, r.RSARatio)
	fmt.Fprintf(t, "300 kB, P-256, one core\t%.0f /s\t%.2f of the floor\n", r.ECPerSecond, r.ECRatio)
	fmt.Fprintf(t, "300 kB, judging, one core\t%.0f /s\t\n", r.VerifyPerSec)
	return t.Flush()
}

// benchLargeCommand signs one file as sign pdf does and prints how much memory that took.
type benchLargeCommand struct {
	signPDFCommand
}

func (c *benchLargeCommand) Run(ctx context.Context) error {
	if err := c.signPDFCommand.Run(ctx); err != nil {
		return err
	}
	peak, err := peakMemory()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{"peak_mb": peak})
}

// peakMemory is the most memory that this process had, in megabytes (VmHWM).
func peakMemory() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, after, found := bytes.Cut(status, []byte("VmHWM:"))
	var kB float64
	if _, err := fmt.Sscan(string(after), &kB); err != nil || !found {
		return 0, errors.New("the system does not tell how much memory was used")
	}
	return kB / 1024, nil
}
