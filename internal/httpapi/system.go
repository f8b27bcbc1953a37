package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"nghisu/internal/access"
	"nghisu/internal/errs"
)

// Health tells whether this node can serve.
type Health struct {
	Status  string `json:"status" enum:"ok"`
	Version string `json:"version"`

	Certificates string `json:"certificates" enum:"in_use,expires_soon,expired" doc:"The worst state among the certificates that people and agencies sign with"`
}

// registerSystem adds health and metrics. Metrics hold no personal data; a proxy keeps them inside.
func (a *API) registerSystem() {
	get(a, Op{ID: "get-health", Path: "/health", Summary: "Whether this node can serve", Tag: "system", Access: Public},
		func(ctx context.Context, _ access.Actor, _ *struct{}) (*Answer[Health], error) {
			ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
			defer cancel()
			if err := a.DB.Ping(ctx); err != nil {
				return nil, errs.Wrap(errs.Unavailable, "database.unavailable", err)
			}
			certificates, err := a.Keys.Health(ctx)
			if err != nil {
				return nil, err
			}
			return answer(Health{Status: "ok", Version: a.Version, Certificates: string(certificates)}), nil
		})
	if a.Metrics != nil {
		h := promhttp.HandlerFor(a.Metrics, promhttp.HandlerOpts{})
		a.raw(http.MethodGet, Op{ID: "get-metrics", Path: "/metrics", Summary: "Figures for Prometheus", Tag: "system",
			Access: Role(access.SystemAdmin)}, "text/plain", func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
			h.ServeHTTP(w, r)
			return nil
		})
	}
}
