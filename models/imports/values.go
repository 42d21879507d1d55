package imports

import (
	"crypto/subtle"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Secret is a value that is compared and never shown: it has no method that gives it away.
type Secret struct{ text string }

// Hide keeps a value as a secret; nil for none.
func Hide(text string) *Secret {
	if text == "" {
		return nil
	}
	return &Secret{text}
}

// Same reports whether two secrets are the same.
func (s *Secret) Same(t *Secret) bool {
	return s != nil && t != nil && subtle.ConstantTimeCompare([]byte(s.text), []byte(t.text)) == 1
}

// String keeps a secret out of whatever prints it.
func (s *Secret) String() string { return "***" }

// GoString is [Secret.String].
func (s *Secret) GoString() string { return "***" }

// Host is somebody whom a value names.
type Host struct {
	Scheme   string
	Name     string // lower case
	Port     int    // 0 if the value does not say
	Password *Secret
}

var (
	urls = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*)://([^\s,;'"|<>]+)`)
	// pairs are the parts of connection strings such as `Server=db,1433;User=sa;Password=x`.
	pairs    = regexp.MustCompile(`(?i)(server|data source|host|addr|address|endpoint|password|pwd)\s*=\s*([^;\s]+)`)
	hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$`)
	hostKey  = regexp.MustCompile(`(?i)(^|[_.-])(hosts?|hostname|addr|address|addresses|servers?|endpoints?|brokers?|nodes?|urls?|uris?|service|bootstrap|peers?|cluster|dsn|upstream|backend|proxy|gateway)$`)
	portEnd  = regexp.MustCompile(`^(.+):(\d{1,5})$`)
)

// maxValue bounds the values that are looked into.
const maxValue = 64 << 10

// Hosts returns whom a value of a key names: addresses, connection strings, and plain names where the key says that it holds one or known says that it is one.
func Hosts(key, value string, known func(name string) bool) []Host {
	if len(value) > maxValue {
		value = value[:maxValue]
	}
	var out []Host
	for _, m := range urls.FindAllStringSubmatch(value, -1) {
		scheme := strings.ToLower(m[1])
		scheme = scheme[strings.LastIndexByte(scheme, ':')+1:]
		rest, _, _ := strings.Cut(m[2], "/")
		rest, _, _ = strings.Cut(rest, "?")
		rest, _, _ = strings.Cut(rest, "#")
		var pw *Secret
		if i := strings.LastIndexByte(rest, '@'); i >= 0 {
			if _, p, ok := strings.Cut(rest[:i], ":"); ok {
				if u, err := url.PathUnescape(p); err == nil {
					p = u
				}
				pw = Hide(p)
			}
			rest = rest[i+1:]
		}
		if h, ok := host(rest); ok {
			h.Scheme, h.Password = scheme, pw
			out = append(out, h)
		}
	}
	if len(out) > 0 {
		return out
	}
	if strings.Contains(value, "=") && strings.Contains(value, ";") {
		var named *Host
		var pw *Secret
		for _, m := range pairs.FindAllStringSubmatch(value, -1) {
			switch strings.ToLower(m[1]) {
			case "password", "pwd":
				pw = Hide(m[2])
			default:
				if h, ok := host(strings.Replace(strings.TrimPrefix(m[2], "tcp:"), ",", ":", 1)); ok && named == nil {
					named = &h
				}
			}
		}
		if named != nil {
			named.Password = pw
			return []Host{*named}
		}
		return nil
	}
	for _, v := range strings.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ' ' || c == ';' }) {
		h, ok := host(v)
		switch {
		case !ok:
		case known(h.Name) && (h.Port > 0 || hostKey.MatchString(split(key))):
			out = append(out, h)
		case hostKey.MatchString(split(key)) && !local(h.Name) && strings.ContainsAny(h.Name, ".") && !onlyDigits(h.Name):
			out = append(out, h)
		case hostKey.MatchString(split(key)) && h.Port > 0 && !local(h.Name):
			out = append(out, h)
		}
	}
	return out
}

// host reads `name`, `name:port` or an address.
func host(s string) (Host, bool) {
	h := Host{Name: s}
	if m := portEnd.FindStringSubmatch(s); m != nil {
		h.Name = m[1]
		h.Port, _ = strconv.Atoi(m[2])
		if h.Port > 65535 {
			return h, false
		}
	}
	h.Name = strings.ToLower(strings.TrimSuffix(h.Name, "."))
	if len(h.Name) > 253 || !hostName.MatchString(h.Name) && net.ParseIP(h.Name) == nil {
		return h, false
	}
	return h, true
}

// local names lead back to where they are said, or nowhere.
func local(name string) bool {
	if ip := net.ParseIP(name); ip != nil {
		return ip.IsLoopback() || ip.IsUnspecified()
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

func onlyDigits(s string) bool { return strings.Trim(s, "0123456789.") == "" && net.ParseIP(s) == nil }

// Off reports whether a value says no.
func Off(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "", "0", "false", "no", "off", "disabled", "none":
		return true
	}
	return false
}
