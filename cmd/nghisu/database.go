package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"nghisu/internal/config"
	"nghisu/internal/obs"
	"nghisu/migrations"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// database is an open, migrated database: external, embedded and ours to end, or embedded in
// another process that serves at this moment.
type database struct {
	db       *postgres.DB
	ownerURL string
	embedded *postgres.Embedded // nil when it is not ours to end
}

func openDatabase(ctx context.Context, cfg *config.Server, log *slog.Logger) (*database, error) {
	d := &database{ownerURL: cfg.Database.URL}
	appURL := cfg.Database.URL
	if cfg.Database.URL == "" {
		embedded, err := postgres.StartEmbedded(ctx, postgres.EmbeddedConfig{Dir: cfg.Data, Log: log})
		if err != nil {
			return nil, err
		}
		d.embedded, d.ownerURL, appURL = embedded, embedded.URL(), embedded.AppURL()
	}
	if err := migrations.Run(ctx, d.ownerURL, log); err != nil {
		return nil, errors.Join(err, d.close(ctx))
	}
	db, err := postgres.Open(ctx, appURL)
	if err != nil {
		return nil, errors.Join(err, d.close(ctx))
	}
	d.db = db
	return d, nil
}

// close ends the pool, and the embedded server when it is ours.
func (d *database) close(ctx context.Context) error {
	if d.db != nil {
		d.db.Close()
	}
	if d.embedded == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4*time.Second)
	defer cancel()
	return d.embedded.Stop(ctx)
}

// withDatabase runs an operator's command on the database: also while a server runs, by joining the
// embedded database of that server.
func withDatabase(ctx context.Context, cfg *config.Server, fn func(d *database) error) error {
	if err := cfg.Check(); err != nil {
		return err
	}
	log := obs.Logger(os.Stderr, cfg.LogFormat, "warn")
	d, err := joinRunning(ctx, cfg)
	if err != nil {
		return err
	}
	if d == nil {
		if cfg.Database.URL == "" {
			if _, err := os.Stat(cfg.Data); err != nil {
				return fmt.Errorf("there is no data directory %s: name it by --data", cfg.Data)
			}
		}
		if d, err = openDatabase(ctx, cfg, log); err != nil {
			return err
		}
	}
	return errors.Join(fn(d), d.close(ctx))
}

// joinRunning connects to the embedded database of a server that runs on the same data; nil when
// none does.
func joinRunning(ctx context.Context, cfg *config.Server) (*database, error) {
	if cfg.Database.URL != "" {
		return nil, nil
	}
	appURL, ownerURL, ok := postgres.RunningEmbedded(cfg.Data)
	if !ok {
		return nil, nil
	}
	db, err := postgres.Open(ctx, appURL)
	if err != nil {
		return nil, err
	}
	return &database{db: db, ownerURL: ownerURL}, nil
}

// openStore opens where files are kept.
func openStore(ctx context.Context, cfg *config.Server, opts objects.Options) (objects.Store, error) {
	if cfg.Objects.S3Endpoint == "" {
		return objects.OpenDisk(filepath.Join(cfg.Data, "objects"), opts)
	}
	o := cfg.Objects
	return objects.OpenS3(ctx, objects.S3Config{Endpoint: o.S3Endpoint, Bucket: o.S3Bucket, Region: o.S3Region,
		AccessKey: o.S3AccessKey, SecretKey: o.S3SecretKey, TLS: o.S3TLS}, opts)
}

// migrateCommand brings the schema up to date.
type migrateCommand struct {
	config.Server
}

func (c *migrateCommand) Run(ctx context.Context) error {
	return withDatabase(ctx, &c.Server, func(d *database) error {
		return migrations.Run(ctx, d.ownerURL, obs.Logger(os.Stderr, c.LogFormat, "info"))
	})
}
