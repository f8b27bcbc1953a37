package httpapi

import (
	"io/fs"
	"net/http"
	"path"
	"strings"

	"nghisu/internal/errs"
)

// The pages' policy: everything from our own origin, nothing inline but styles (Mantine sets style
// attributes), workers and pictures of our own making from blobs.
const pagePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"worker-src 'self' blob:; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; font-src 'self' data:; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()")
		if strings.HasPrefix(r.URL.Path, prefix) {
			h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
			h.Set("Cache-Control", "no-store")
		} else {
			h.Set("Content-Security-Policy", pagePolicy)
		}
		next.ServeHTTP(w, r)
	})
}

// notFound answers everything that is no route: a problem below the API, a page elsewhere.
func (a *API) notFound(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		a.writeProblem(w, r, errs.Missing())
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	a.servePage(w, r)
}

// servePage gives a file of the front end, or its index for every address that the pages route themselves.
func (a *API) servePage(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if a.Web == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(notBuilt))
		return
	}
	if info, err := fs.Stat(a.Web, name); name != "" && err == nil && !info.IsDir() {
		if strings.HasPrefix(name, "assets/") { // names carry a hash of the content
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "no-cache")
		}
		a.serveCompressed(w, r, name)
		return
	}
	if path.Ext(name) != "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, a.Web, "index.html")
}

// serveCompressed prefers the .gz file that the build made beside the original.
func (a *API) serveCompressed(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Add("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if _, err := fs.Stat(a.Web, name+".gz"); err == nil {
			if kind, ok := kinds[path.Ext(name)]; ok {
				w.Header().Set("Content-Type", kind)
				w.Header().Set("Content-Encoding", "gzip")
				name += ".gz"
			}
		}
	}
	if kind, ok := kinds[path.Ext(name)]; ok {
		w.Header().Set("Content-Type", kind)
	}
	http.ServeFileFS(w, r, a.Web, name)
}

// kinds are the types of the front end's own files, whatever the machine's tables say.
var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json", ".wasm": "application/wasm", ".woff2": "font/woff2",
	".html": "text/html; charset=utf-8", ".webmanifest": "application/manifest+json",
}

const notBuilt = `<!doctype html><html lang="vi"><meta charset="utf-8"><title>Nghị Sự</title>
<p>Phần giao diện chưa được dựng. Chạy <code>make build</code> rồi khởi động lại.</p>
<p lang="en">The web part is not built yet. Run <code>make build</code> and start again.</p></html>`
