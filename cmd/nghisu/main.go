// Command nghisu is the whole product: server, operator's tools and measurements. Its subcommands are
// the fields of cli; serve.go builds the parts of a node.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"nghisu/internal/config"
	"nghisu/internal/httpapi"
	"nghisu/internal/signing/keys/token"
	"nghisu/internal/signing/sandbox"
)

// version is set at build time.
var version = "dev"

type cli struct {
	Serve     serveCommand     `cmd:"" help:"Serve one node."`
	Sign      signCommand      `cmd:"" help:"Sign PDF files without a server."`
	Verify    verifyCommand    `cmd:"" help:"Check what must not have changed."`
	Fsck      fsckCommand      `cmd:"" help:"Check that every stored file is there and unchanged."`
	Demo      demoCommand      `cmd:"" help:"Serve the invented city of Tân Giang, with accounts whose password is printed."`
	User      userCommand      `cmd:"" help:"Accounts, from the machine itself."`
	Org       orgCommand       `cmd:"" help:"Agencies and people, from the machine itself."`
	PKI       pkiCommand       `cmd:"" name:"pki" help:"Trial certificates, from the machine itself."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database schema up to date and end."`
	OpenAPI   openapiCommand   `cmd:"" name:"openapi" help:"Print the OpenAPI document."`
	ConfigDoc configDocCommand `cmd:"" name:"config-doc" help:"Print the documentation of the settings."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
	Bench     benchCommand     `cmd:"" help:"Measure."`
	Sandbox   sandboxCommand   `cmd:"" hidden:"" help:"Read one file under limits."`
	Token     tokenCommand     `cmd:"" hidden:"" help:"Sign with a PKCS #11 module."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	k := kong.Parse(&c, kong.Name("nghisu"), kong.Description("Nghị Sự: paperless meetings and exchange of signed documents."),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err := k.Run(); err != nil {
		if said := exit(0); !errors.As(err, &said) {
			fmt.Fprintln(os.Stderr, "nghisu:", err)
		}
		os.Exit(exitCode(err))
	}
}

// coded is an error that ends the process with a certain exit code.
type coded interface{ ExitCode() int }

func exitCode(err error) int {
	var c coded
	if errors.As(err, &c) {
		return c.ExitCode()
	}
	return 1
}

// sandboxCommand is the child that reads strangers' files; only the server starts it.
type sandboxCommand struct{}

func (sandboxCommand) Run() error { return sandbox.Main() }

// tokenCommand is the child that holds the module of a token's maker; only the server starts it.
type tokenCommand struct {
	Module string `arg:""`
}

func (c tokenCommand) Run() error { return token.Main(c.Module) }

type openapiCommand struct{}

func (openapiCommand) Run() error {
	doc, err := httpapi.New(httpapi.Deps{Version: "1"}).OpenAPI()
	if err != nil {
		return fmt.Errorf("make OpenAPI document: %w", err)
	}
	return printIndented(os.Stdout, doc)
}

type configDocCommand struct{}

func (configDocCommand) Run() error {
	_, err := fmt.Print(config.Markdown())
	return err
}

type versionCommand struct{}

func (versionCommand) Run() error {
	_, err := fmt.Println("nghisu", version)
	return err
}
