package resolve

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
)

// localhost makes a certificate for localhost, and what believes it.
func localhost(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, public, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(c)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func TestFetch(t *testing.T) {
	t.Parallel()
	seed := sha256.Sum256([]byte("acme"))
	key := attest.DID(ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
	asked := make(chan string, 100)
	var port string
	document := func(path string) []byte {
		data, err := (&attest.Web{DID: "did:web:localhost%3A" + port + path, Keys: []string{key}}).Document()
		if err != nil {
			t.Error(err)
		}
		return data
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.URL.String()
		var err error
		switch r.URL.Path {
		case "/.well-known/did.json":
			_, err = w.Write(document(""))
		case "/audit/did.json":
			_, err = w.Write(document(":audit"))
		case "/moved/did.json":
			http.Redirect(w, r, "/audit/did.json", http.StatusFound)
		case "/other/did.json":
			_, err = w.Write(document(":audit"))
		case "/large/did.json":
			_, err = w.Write(bytes.Repeat([]byte(" "), 1<<20))
		case "/page/did.json":
			_, err = w.Write([]byte("<html>"))
		default:
			http.NotFound(w, r)
		}
		if err != nil && r.URL.Path != "/large/did.json" {
			t.Error(err)
		}
	}))
	certificate, roots := localhost(t)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the client that does not believe it
	server.StartTLS()
	defer server.Close()
	_, port, _ = strings.Cut(server.Listener.Addr().String(), ":")
	for path, says := range map[string]string{
		"": "", ":audit": "", ":moved": "the status 302, expected 200", ":other": "the document is of", ":large": "larger than 16 KB", ":page": "DID document", ":none": "the status 404",
	} {
		data, err := Fetch(t.Context(), "did:web:localhost%3A"+port+path, roots)
		if says == "" && (err != nil || !bytes.Equal(data, document(path))) {
			t.Errorf("%s: %v", path, err)
		}
		if says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, expected %q", path, err, says)
		}
	}
	if n := len(asked); n != 7 {
		t.Errorf("the server was asked %d times, expected once for each", n)
	}
	if _, err := Fetch(t.Context(), "did:web:localhost%3A"+port, nil); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a server that nobody vouches for: %v", err)
	}
	if _, err := Fetch(t.Context(), "did:web:127.0.0.1", nil); err == nil {
		t.Error("an address is asked")
	}
}
