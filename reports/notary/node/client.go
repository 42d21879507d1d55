package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// limits are what a node may take of this program's time and memory.
type limits struct {
	request     time.Duration // for one request
	remote      time.Duration // for one request in which the node does proof of work
	brief       time.Duration // how long the first request is tried again
	endurance   time.Duration // how long every other is
	pause       time.Duration // before a request is tried again, doubled each time
	poll        time.Duration // between questions about a block, doubled each time
	longestPoll time.Duration
	cone        int // blocks that are asked for below one milestone
}

var usual = limits{
	request:     10 * time.Second,
	remote:      2 * time.Minute,
	brief:       time.Second,
	endurance:   15 * time.Second,
	pause:       250 * time.Millisecond,
	poll:        250 * time.Millisecond,
	longestPoll: time.Second,
	cone:        1 << 16,
}

const (
	maxAnswer = 64 << 10 // bytes of an answer in JSON
	maxBlock  = 32768    // bytes of a block or a milestone
	maxSaid   = 200      // bytes of a node's own words that are passed on
)

const serialized = "application/vnd.iota.serializer-v1"

// ErrUnknown says that the node does not have what it was asked for.
var ErrUnknown = errors.New("the node does not have it")

// Client talks to the core REST API (version 2) of a node. It can be used from several goroutines.
type Client struct {
	url    string
	http   *http.Client
	limits limits
}

// NewClient returns a client of the node at an address such as http://127.0.0.1:14265. It does not connect yet.
func NewClient(address string) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("%q is not the address of a node: expected something like http://127.0.0.1:14265", address)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the address of the node %s has more than scheme, host, port and path: leave that out", u.Redacted())
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = maxAnswer
	transport.DisableCompression = true
	transport.MaxIdleConnsPerHost = 16
	return &Client{
		url: strings.TrimRight(u.String(), "/"),
		http: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		limits: usual,
	}, nil
}

// URL returns the address of the node.
func (c *Client) URL() string { return c.url }

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// call is one request.
type call struct {
	method, path  string
	accept, sends string // media types
	body          []byte
	limit         int64 // bytes of the answer
	brief         bool  // not worth many tries
	remote        bool  // the node does proof of work, and would do it once more for each try
}

func get(path string) call {
	return call{method: http.MethodGet, path: path, accept: "application/json", limit: maxAnswer}
}

func getRaw(path string) call {
	k := get(path)
	k.accept, k.limit = serialized, maxBlock
	return k
}

func post(path, sends string, body []byte) call {
	k := get(path)
	k.method, k.sends, k.body = http.MethodPost, sends, body
	return k
}

// do sends a request, and tries again where the reason why it failed may pass. Every request but one for remote proof of work may be sent twice.
func (c *Client) do(ctx context.Context, k call) ([]byte, error) {
	start, patience := time.Now(), c.limits.endurance
	switch {
	case k.remote:
		patience = 0
	case k.brief:
		patience = c.limits.brief
	}
	for pause := c.limits.pause; ; pause *= 2 {
		answer, passing, err := c.once(ctx, k)
		if err == nil || !passing || time.Since(start)+pause > patience {
			return answer, err
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// once sends a request once; passing tells whether the error may go away by itself.
func (c *Client) once(ctx context.Context, k call) (answer []byte, passing bool, err error) {
	limit := c.limits.request
	if k.remote {
		limit = c.limits.remote
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, k.method, c.url+"/api/core/v2/"+k.path, bytes.NewReader(k.body))
	if err != nil {
		return nil, false, fmt.Errorf("request to the node %s: %w", c.url, err)
	}
	request.Header.Set("Accept", k.accept)
	if k.sends != "" {
		request.Header.Set("Content-Type", k.sends)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, true, c.unreached(ctx, k.path, limit, err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, k.limit+1))
	if err != nil {
		return nil, true, c.unreached(ctx, k.path, limit, err)
	}
	if int64(len(answer)) > k.limit {
		return nil, false, c.errorf("sends more than %d KB for %s: it is no Stardust node, or one to stay away from: use another", k.limit>>10, k.path)
	}
	switch s := response.StatusCode; {
	case s == http.StatusOK || s == http.StatusCreated:
		return answer, false, nil
	case s == http.StatusNotFound:
		return nil, false, c.wrapf(ErrUnknown, "has no %s", k.path)
	case s >= 300 && s < 400:
		return nil, false, c.errorf("redirects to %q: give that address if you trust it", clip(response.Header.Get("Location")))
	case s == http.StatusServiceUnavailable && bytes.Contains(answer, []byte("no tips available")):
		return nil, false, c.wrapf(ErrNoTips, "has no blocks to build on%s: its network has just begun, or its coordinators do not run: try again when they do", said(answer))
	case s == http.StatusServiceUnavailable:
		return nil, true, c.errorf("is not ready%s: wait until it is synchronised with its network, or use another node", said(answer))
	case s == http.StatusTooManyRequests || s >= 500:
		return nil, true, c.errorf("fails with status %d%s: try again later, or use another node", s, said(answer))
	case s == http.StatusBadRequest && bytes.Contains(answer, []byte("below max depth")):
		return nil, false, c.wrapf(ErrTooOld, "refuses the block%s", said(answer))
	default:
		return nil, false, c.errorf("refuses %s with status %d%s: use a node that serves the whole core API", k.path, s, said(answer))
	}
}

// json sends a request and reads the answer as one JSON document.
func (c *Client) json(ctx context.Context, k call, to any) error {
	answer, err := c.do(ctx, k)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer, to); err != nil {
		return c.garbage(k.path, err)
	}
	return nil
}

func (c *Client) garbage(path string, err error) error {
	return c.errorf("gives an answer to %s that makes no sense (%s): is this the address of a Stardust node?", path, clip(err.Error()))
}

// unreached says why no answer came. An interrupt by the caller is passed on as it is.
func (c *Client) unreached(ctx context.Context, path string, limit time.Duration, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		return c.errorf("does not answer %s within %s: try again later, or use another node", path, limit)
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return c.errorf("cannot be reached (%s): check the address and whether the node runs (\"vauban tangle up\" starts a private one)", clip(err.Error()))
}

// errorf says what is wrong with the node.
func (c *Client) errorf(format string, args ...any) error { return c.wrapf(nil, format, args...) }

func (c *Client) wrapf(err error, format string, args ...any) error {
	return &failure{fmt.Sprintf("the node %s %s", c.url, fmt.Sprintf(format, args...)), err}
}

type failure struct {
	text string
	err  error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.err }

// said returns what a node says of an error, to be put behind a sentence of ours.
func said(answer []byte) string {
	var e struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	text := string(answer)
	if json.Unmarshal(answer, &e) == nil && e.Error.Message != "" {
		text = e.Error.Message
	}
	if text = strings.TrimSpace(text); text == "" {
		return ""
	}
	return fmt.Sprintf(" (it says %q)", clip(text))
}

// clip shortens a text of someone else's.
func clip(text string) string {
	if len(text) <= maxSaid {
		return text
	}
	return strings.ToValidUTF8(text[:maxSaid], "") + "…"
}

// sleep waits, or returns early with the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
