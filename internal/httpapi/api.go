// Package httpapi is the HTTP edge: routes, DTOs, problem documents, raw handlers for files and
// sockets, and the pages. It decides no rule of the trade; it asks the features. Every route is
// registered with an access decision (route.go), from which the route tests are generated.
package httpapi

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"nghisu/internal/audit"
	"nghisu/internal/auth"
	"nghisu/internal/conference"
	"nghisu/internal/document"
	"nghisu/internal/exchange"
	"nghisu/internal/inbox"
	"nghisu/internal/live"
	"nghisu/internal/meeting"
	"nghisu/internal/org"
	"nghisu/internal/signing"
	"nghisu/internal/signing/images"
	"nghisu/internal/signing/inspection"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/trust"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Sessions finds out who a session token belongs to. An unknown or ended token is Unauthenticated.
type Sessions interface {
	Resolve(ctx context.Context, token string) (auth.Resolved, error)
}

// Deps are the parts the API is built from. A nil service is allowed only to print the OpenAPI document.
type Deps struct {
	DB          *postgres.DB
	Log         *slog.Logger
	Now         func() time.Time
	Metrics     *prometheus.Registry
	Proxies     []netip.Prefix // whose forwarded headers are believed
	Web         fs.FS          // built front end; nil shows a page that says how to build it
	Version     string
	Sessions    Sessions
	Ending      context.Context // ends before the server does: sockets close then, so that pages go elsewhere
	Hub         *live.Hub
	Audit       *audit.Reader
	Rooms       Rooms // online meetings; nil when this node has none
	Signing     *signing.Service
	Inspections *inspection.Service
	Keys        *keys.Service
	Trust       *trust.Service
	Uploads     *upload.Service
	Objects     objects.Store
	Accounts    *auth.Service
	Org         *org.Service

	Documents  *document.Service
	Images     *images.Service
	Exchange   *exchange.Service
	Inbox      *inbox.Service
	Meetings   *meeting.Service
	Conference *conference.Service // gives Rooms when that is nil
}

// API is the router with everything registered.
type API struct {
	Deps
	router  chi.Router
	huma    huma.API
	routes  []Route
	bodies  map[string]int64 // routes without parameters that take a larger JSON body, in bytes
	secrets map[string]bool  // routes whose body must leave no trace
	sockets sockets

	goodDevices, badTokens *limiter // of room devices: requests by device, wrong tokens by address
}

// New builds the API.
func New(d Deps) *API {
	if d.Rooms == nil && d.Conference != nil {
		d.Rooms = conferenceRooms{d.Conference}
	}
	a := &API{Deps: d, router: chi.NewRouter(), bodies: map[string]int64{}, secrets: map[string]bool{}}
	a.router.Use(a.requestEvent, a.recoverPanic, securityHeaders, a.sameOrigin, a.session, a.readCommand)
	cfg := huma.DefaultConfig("Nghị Sự", d.Version)
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // no $schema in answers
	a.huma = humachi.New(a.router, cfg)
	a.registerSystem()
	a.registerAudit()
	a.registerLive()
	a.registerSigning()
	a.registerPages()
	a.registerChecks()
	a.registerKeys()
	a.registerTrust()
	a.registerSignatureRequests()
	a.registerDocument()
	a.registerLayout()
	a.registerCopy()
	a.registerImages()
	a.registerExchange()
	a.registerInbox()
	a.registerUpload()
	a.registerAuth()
	a.registerOrg()
	a.registerMeeting()
	a.registerConference()
	a.registerQuality()
	a.registerDevices()
	a.registerWhip()
	a.router.NotFound(a.notFound)
	a.router.MethodNotAllowed(a.notFound)
	return a
}

// ServeHTTP answers a request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.router.ServeHTTP(w, r) }

// Routes lists every registered route, for the generated tests.
func (a *API) Routes() []Route { return a.routes }

// OpenAPI is the document of the API, as JSON with stable order.
func (a *API) OpenAPI() ([]byte, error) { return a.huma.OpenAPI().MarshalJSON() }
