package resolve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/vauban-verifier/vauban/reports/attest"
)

// patience is how long a server may take.
const patience = 20 * time.Second

// Fetch asks the web server of a did:web for its document, and returns the bytes as they came, which [attest.ParseWeb] takes. The server's certificate has to be one for roots, or for what the machine trusts where they are nil.
func Fetch(ctx context.Context, did string, roots *x509.CertPool) ([]byte, error) {
	url, err := attest.WebURL(did)
	if err != nil {
		return nil, err
	}
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("fetch %s: %w", url, err) }
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fail(err)
	}
	request.Header.Set("Accept", "application/did+json, application/json")
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true, MaxResponseHeaderBytes: 1 << 16,
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return fail(errors.Unwrap(err)) // without the address, which stands before it
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fail(fmt.Errorf("the server answers with the status %d, expected 200 (a redirection is not followed)", answer.StatusCode))
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, attest.MaxWebDocument+1))
	if err != nil {
		return fail(err)
	}
	w, err := attest.ParseWeb(data)
	if err != nil {
		return fail(err)
	}
	if w.DID != did {
		return fail(fmt.Errorf("the document is of %q", w.DID))
	}
	return data, nil
}
