package migrations

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Fingerprint names the schema Run makes: it changes whenever a step of ours or of River changes. It
// is the SHA-256, in hex, over the names and texts of all steps and the rights.
func Fingerprint() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "rights\n%s", rights)
	names, err := fs.Glob(Files, "*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		text, err := fs.ReadFile(Files, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(text), text)
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(nil), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", fmt.Errorf("read migrations of the job queue: %w", err)
	}
	for _, v := range migrator.AllVersions() {
		fmt.Fprintf(h, "river %d %s\n%s", v.Version, v.Name, v.SQLUp)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// quiet hides the line per step of goose and River; what went wrong still arrives, as warning or error.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(warnings{log.Handler()}) }

type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}
