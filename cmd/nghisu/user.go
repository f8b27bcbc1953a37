package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"nghisu/internal/access"
	"nghisu/internal/auth"
	"nghisu/internal/config"
	"nghisu/internal/errs"
	"nghisu/internal/httpapi"
	"nghisu/internal/org"
)

// people are the services that the operator's commands on accounts and agencies need.
type people struct {
	accounts *auth.Service
	org      *org.Service
}

func newPeople(d *database, log *slog.Logger) (people, error) {
	accounts, err := auth.New(auth.Deps{DB: d.db, Log: log})
	if err != nil {
		return people{}, err
	}
	return people{accounts: accounts, org: org.New(org.Deps{DB: d.db, Accounts: accounts})}, nil
}

type userCommand struct {
	CreateAdmin   createAdminCommand   `cmd:"" name:"create-admin" help:"Make a system administrator, and in an empty installation the first agency."`
	ResetPassword resetPasswordCommand `cmd:"" name:"reset-password" help:"Give an account a new first password; end its sessions and its lock."`
}

// createAdminCommand is the way into an empty installation.
type createAdminCommand struct {
	config.Server
	Username   string `required:"" help:"Name to sign in with: lower-case letters, digits, dots and dashes."`
	FullName   string `name:"full-name" required:"" help:"Full name of the person."`
	Identity   string `help:"Digital identity of the person; the username when left out."`
	Position   string `default:"Quản trị hệ thống" help:"Position, as documents write it."`
	AgencyCode string `name:"agency-code" required:"" help:"Code of the agency, H77 for example; made when there is none of that code."`
	AgencyName string `name:"agency-name" help:"Name of the agency, when it is new."`
	City       string `help:"Name of the city, when the installation has none yet."`
}

func (c *createAdminCommand) Run(ctx context.Context) error {
	return withPeople(ctx, &c.Server, func(p people) error {
		password, err := p.org.CreateAdministrator(ctx, org.FirstAdministrator{Username: c.Username, FullName: c.FullName, DigitalIdentity: c.Identity,
			Position: c.Position, AgencyCode: c.AgencyCode, AgencyName: c.AgencyName, CityName: c.City})
		if err != nil {
			return spoken(err)
		}
		return printPassword(c.Username, password)
	})
}

type resetPasswordCommand struct {
	config.Server
	Username string `arg:"" help:"Name of the account."`
}

func (c *resetPasswordCommand) Run(ctx context.Context) error {
	return withPeople(ctx, &c.Server, func(p people) error {
		password, err := p.accounts.ResetByOperator(ctx, c.Username)
		if errs.Is(err, errs.NotFound) {
			return fmt.Errorf("there is no account %q", c.Username)
		}
		if err != nil {
			return spoken(err)
		}
		return printPassword(c.Username, password)
	})
}

func printPassword(username, password string) error {
	_, err := fmt.Printf("username: %s\ntemporary password: %s\nIt must be changed at the first sign-in and is not shown again.\n", username, password)
	return err
}

type orgCommand struct {
	Import orgImportCommand `cmd:"" help:"Import agencies or people from a CSV file: all rows or none."`
}

// orgImportCommand checks only, unless --apply is given.
type orgImportCommand struct {
	config.Server
	Kind  string `arg:"" enum:"agencies,people" help:"What the file holds: agencies or people."`
	File  string `arg:"" type:"existingfile" help:"CSV file in UTF-8, separated by commas or semicolons."`
	Apply bool   `help:"Change the database; without it the file is only checked."`
}

func (c *orgImportCommand) Run(ctx context.Context) error {
	return withPeople(ctx, &c.Server, func(p people) error {
		body, err := os.ReadFile(c.File)
		if err != nil {
			return err
		}
		operator := access.Actor{Roles: []access.Role{access.SystemAdmin}}
		report, err := p.org.Import(ctx, operator, org.ImportKind(c.Kind), body, !c.Apply)
		if err != nil {
			return spoken(err)
		}
		for _, e := range report.Errors {
			fmt.Printf("row %d, %s: %s\n", e.Row, e.Column, httpapi.Message("en", e.Key, e.Args))
		}
		fmt.Printf("%d rows: %d new, %d changed, %d as they are, %d errors\n", report.Rows, report.Added, report.Changed, report.Unchanged, len(report.Errors))
		switch {
		case len(report.Errors) > 0:
			return errors.New("nothing was imported")
		case report.Applied:
			fmt.Println("imported")
		default:
			fmt.Println("checked only; add --apply to import")
		}
		return nil
	})
}

func withPeople(ctx context.Context, cfg *config.Server, fn func(p people) error) error {
	return withDatabase(ctx, cfg, func(d *database) error {
		p, err := newPeople(d, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		return fn(p)
	})
}

// spoken says an expected failure in words.
func spoken(err error) error {
	var e *errs.Error
	if !errors.As(err, &e) || e.Code == errs.Internal {
		return err
	}
	text := httpapi.Message("en", e.Key, e.Args)
	for _, f := range e.Fields {
		text += fmt.Sprintf("\n  %s: %s", f.Path, httpapi.Message("en", f.Key, f.Args))
	}
	return errors.New(text)
}
