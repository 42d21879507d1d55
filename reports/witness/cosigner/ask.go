package cosigner

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/reports/witness"
	"github.com/vauban-verifier/vauban/reports/witness/logbook"
)

// Ask has the witness at a web address sign a checkpoint of a log, and returns the line of its signature. What the witness says that it has seen is not believed:
// a proof is made from the log.
func Ask(ctx context.Context, address string, log *logbook.Source, c witness.Checkpoint, signed []byte) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("the witness %s: %w", address, err) }
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fail(fmt.Errorf("expected an address such as https://witness.example.com/"))
	}
	seen := c.N   // most often it has signed this one, or is told that it has not
	for range 3 { // another asker may come in between
		path, err := log.Growth(ctx, c, seen)
		if err != nil {
			return fail(err)
		}
		answer, status, err := logbook.Ask(ctx, http.MethodPost, u.JoinPath("add-checkpoint").String(), "text/plain; charset=utf-8", bytes.NewReader(Request(seen, path, signed)), witness.MaxCheckpoint)
		switch {
		case err != nil:
			return fail(err)
		case status == http.StatusOK:
			return answer, nil
		case status != http.StatusConflict:
			return fail(fmt.Errorf("status %d: %q", status, strings.TrimSpace(string(answer[:min(len(answer), 200)]))))
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(answer)), 10, 64)
		if err != nil {
			return fail(fmt.Errorf("it says that it has seen %q leaves", answer[:min(len(answer), 40)]))
		}
		if n == seen {
			return fail(fmt.Errorf("it has seen another tree with %d leaves: the log has two histories, and one of them is a lie", n))
		}
		seen = n
	}
	return fail(fmt.Errorf("others ask it all the time: try again"))
}
