package org

import (
	"context"
	"errors"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/storage/postgres"
)

// importLock keeps two imports from running at the same moment.
const importLock = 0x6e67686973750002

// errCheckedOnly rolls back an import that was only to be checked.
var errCheckedOnly = errors.New("checked only")

// Import adds and changes agencies or people from a CSV file: all rows or none. It is idempotent by
// the code of an agency and the digital identity of a person: what is as the file says is left
// alone. A dry run does the same work and takes it back, so that its answer is true. A system
// administrator does it. Imported accounts have no password: an administrator gives one.
func (s *Service) Import(ctx context.Context, actor access.Actor, kind ImportKind, data []byte, dryRun bool) (ImportReport, error) {
	if err := actor.Need(access.SystemAdmin); err != nil {
		return ImportReport{}, err
	}
	known := agencyColumnsKnown
	if kind == ImportPeople {
		known = peopleColumnsKnown
	}
	var e rowErrors
	rows, err := readTable(data, known, &e)
	if err != nil {
		return ImportReport{}, err
	}
	var report ImportReport
	out, err := postgres.Once(ctx, s.db, func(tx *postgres.Tx) (ImportReport, error) {
		report = ImportReport{Rows: len(rows)}
		a := act{tx, actor, s.now()}
		if err := a.onlyImport(ctx); err != nil {
			return report, err
		}
		if err := s.importRows(ctx, a, kind, rows, &report, &e); err != nil {
			return report, err
		}
		report.Errors = e.list
		if e.any() || dryRun {
			return report, errCheckedOnly
		}
		report.Applied = true
		return report, a.record(ctx, audit.Imported, actor.Person.UUID, actor.Agency, map[string]any{"kind": kind, "rows": report.Rows,
			"added": report.Added, "changed": report.Changed})
	})
	if errors.Is(err, errCheckedOnly) {
		return report, nil
	}
	return out, err
}

func (a act) onlyImport(ctx context.Context) error {
	var got bool
	if err := a.tx.QueryRow(ctx, `select pg_try_advisory_xact_lock($1)`, int64(importLock)).Scan(&got); err != nil {
		return err
	}
	if !got {
		return errs.New(errs.Conflict, "import.busy")
	}
	return nil
}

func (s *Service) importRows(ctx context.Context, a act, kind ImportKind, rows []tableRow, report *ImportReport, e *rowErrors) error {
	if kind == ImportPeople {
		plan, err := a.planPeople(ctx, rows, e)
		if err != nil || e.any() {
			return err
		}
		return s.importPeople(ctx, a, plan, report)
	}
	plan, err := a.planAgencies(ctx, rows, e)
	if err != nil || e.any() {
		return err
	}
	return a.importAgencies(ctx, plan, report)
}
