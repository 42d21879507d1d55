package live

import (
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vauban-verifier/vauban/reports/html"
)

//go:embed shell.html
var shellText string

//go:embed shell.css
var styleText string

//go:embed shell.js
var scriptText string

// How often a browser is told of progress, and how many may listen.
const (
	pace         = 150 * time.Millisecond
	maxListeners = 32
)

// shell is the page around the report. The policy has nothing run or loaded but what is its own.
var (
	shell  = strings.NewReplacer("/*STYLE*/", styleText, "/*SCRIPT*/", scriptText).Replace(shellText)
	policy = "default-src 'none'; style-src " + html.SourceHash(styleText) + "; script-src " + html.SourceHash(scriptText) +
		"; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// ServeHTTP answers who may look.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	what, ok := strings.CutPrefix(r.URL.Path, "/")
	token, what, _ := strings.Cut(what, "/")
	switch {
	case r.Host != s.host:
		http.Error(w, "this server has another name", http.StatusMisdirectedRequest)
		return
	case !ok, subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) != 1, !own(r, s.host):
		http.Error(w, "the address that vauban live printed has to be used whole", http.StatusForbidden)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "nothing can be changed here", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	switch what {
	case "":
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		_, _ = w.Write([]byte(shell))
	case "report":
		s.mu.Lock()
		report := s.report
		s.mu.Unlock()
		if report == nil {
			http.Error(w, "there is no report yet", http.StatusNotFound)
			return
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "frame-ancestors 'self'") // beside its own
		_, _ = w.Write(report)
	case "events":
		s.events(w, r)
	default:
		http.NotFound(w, r)
	}
}

// own reports whether no page of another origin makes a request.
func own(r *http.Request, host string) bool {
	if o := r.Header.Get("Origin"); o != "" && o != "http://"+host {
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "none" || site == "same-origin"
}

// events sends each state, or the last of those that come too fast.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.listeners++
	full := s.listeners > maxListeners
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.listeners--
		s.mu.Unlock()
	}()
	if full {
		http.Error(w, "too many pages are open", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for {
		s.mu.Lock()
		event := struct {
			State
			Serial int  `json:"serial"` // of the report; 0: there is none
			Stale  bool `json:"stale"`
		}{s.state, s.serial, s.stale}
		changed := s.changed
		s.mu.Unlock()
		data, err := json.Marshal(event)
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "id: %s\ndata: %s\n\n", strconv.Itoa(event.Serial), data); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		}
		if !pause(r.Context(), pace) {
			return
		}
	}
}
