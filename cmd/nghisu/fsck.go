package main

import (
	"context"
	"fmt"

	"nghisu/internal/config"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
)

// fsckCommand exits with 0 when every object that rows refer to is there and whole, and 1 otherwise.
// It may run beside a serving node.
type fsckCommand struct {
	config.Server
}

func (c *fsckCommand) Run(ctx context.Context) error {
	return withDatabase(ctx, &c.Server, func(d *database) error {
		// What is found is printed; the store's own log would say it twice.
		store, err := openStore(ctx, &c.Server, objects.Options{})
		if err != nil {
			return err
		}
		sum, err := upload.Fsck(ctx, d.db, store, printFinding)
		fmt.Printf("%d objects with %.1f MB read in %.1f s: %d missing, %d damaged; %d unreferenced (removed by themselves a day after they were stored)\n",
			sum.Objects, float64(sum.Bytes)/(1<<20), sum.Took.Seconds(), sum.Missing, sum.Damaged, sum.Unreferenced)
		switch {
		case err != nil:
			return fmt.Errorf("the check did not come to its end: %w", err)
		case sum.Lost():
			return fmt.Errorf("%d objects are missing and %d are damaged: restore them from a backup", sum.Missing, sum.Damaged)
		}
		fmt.Println("the object store is whole")
		return nil
	})
}

func printFinding(f upload.Finding) {
	line := fmt.Sprintf("%-12s %s %d bytes", f.Kind, f.Hash, f.Size)
	if f.At != "" {
		line += ", referred to by " + f.At
	}
	fmt.Println(line)
}
