package fleet

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Names on the server.
const (
	questions = "VAUBAN_QUESTIONS"
	answers   = "VAUBAN_ANSWERS"
	objects   = "VAUBAN_OBJECTS"
)

// ackWait is how long a worker may say nothing before another one gets its question. Tests have less patience.
var ackWait = 4 * time.Second

const (
	maxTries = 5 // as often is a question given out

	questionAge = time.Hour // nobody waits any longer
	answerAge   = 24 * time.Hour
	maxKept     = 1 << 30 // bytes of each stream

	outage = 15 * time.Second // as long a server may be gone
	dial   = 5 * time.Second
)

// Server says where a server is and how one is known there.
type Server struct {
	URL string // nats:// or tls://
	Key string // a file: credentials, or the seed of an nkey; "": none
	CA  string // a file: who has signed the server's certificate; "": who the system trusts
}

// Conn is a connection to a server, of a program.
type Conn struct {
	nc    *nats.Conn
	js    jetstream.JetStream
	build string
	id    string
}

// Connect connects to a server. Build is the digest of the program.
func Connect(ctx context.Context, s Server, build string) (*Conn, error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "" {
		return nil, errors.New("the address of a fleet is nats://HOST:PORT, or tls://HOST:PORT")
	}
	ip := net.ParseIP(u.Hostname())
	if local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback(); u.User != nil && u.Scheme != "tls" && !local {
		return nil, errors.New("a password would travel in the clear: use tls:// in the address of the fleet")
	}
	opts := []nats.Option{
		nats.Name("vauban"), nats.Timeout(dial), nats.MaxReconnects(-1), nats.ReconnectWait(200 * time.Millisecond), nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(2), nats.IgnoreAuthErrorAbort(),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // each call says its own
	}
	if s.CA != "" {
		opts = append(opts, nats.RootCAs(s.CA))
	}
	if s.Key != "" {
		opt, err := credentials(s.Key)
		if err != nil {
			return nil, err
		}
		opts = append(opts, opt)
	}
	nc, err := nats.Connect(s.URL, opts...)
	if err != nil {
		return nil, fmt.Errorf("cannot reach the fleet at %s: %w", u.Redacted(), err)
	}
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(dial))
	if err != nil {
		nc.Close()
		return nil, err
	}
	c := &Conn{nc: nc, js: js, build: build, id: rand.Text()}
	if err := c.streams(ctx); err != nil {
		nc.Close()
		return nil, fmt.Errorf("the fleet at %s has no streams, and this user may not make them: %w", u.Redacted(), err)
	}
	return c, nil
}

// credentials reads what one is known by.
func credentials(file string) (nats.Option, error) {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("cannot read the key of the fleet, %s", file)
	}
	if opt, err := nats.NkeyOptionFromSeed(file); err == nil {
		return opt, nil
	}
	return nats.UserCredentials(file), nil
}

// streams makes what is not there.
func (c *Conn) streams(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dial)
	defer cancel()
	there := func(name string, make func() error) error {
		if _, err := c.js.Stream(ctx, name); err == nil || !errors.Is(err, jetstream.ErrStreamNotFound) {
			return err
		}
		return make()
	}
	return errors.Join(
		there(questions, func() error {
			_, err := c.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
				Name: questions, Description: "what workers are asked", Subjects: []string{"vauban.q.>"}, Retention: jetstream.WorkQueuePolicy,
				MaxAge: questionAge, MaxBytes: maxKept, Discard: jetstream.DiscardNew, Storage: jetstream.FileStorage, AllowDirect: true,
			})
			return err
		}),
		there(answers, func() error {
			_, err := c.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
				Name: answers, Description: "what workers have said, believed by nobody", Subjects: []string{"vauban.a.>"},
				MaxAge: answerAge, MaxBytes: maxKept, MaxMsgsPerSubject: 1, Discard: jetstream.DiscardOld, Storage: jetstream.FileStorage, AllowDirect: true,
			})
			return err
		}),
		there("OBJ_"+objects, func() error {
			_, err := c.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: objects, Description: "what is too large for a message", TTL: questionAge, MaxBytes: 4 * maxKept})
			return err
		}),
	)
}

// Close hangs up.
func (c *Conn) Close() { c.nc.Close() }

// urgencies are the parts of a subject by which a worker knows what comes first.
var urgencies = [...]string{"now", "later"}

func (c *Conn) questionSubject(urgent bool, key string) string {
	u := urgencies[1]
	if urgent {
		u = urgencies[0]
	}
	return strings.Join([]string{"vauban.q", c.build, u, c.id, key}, ".")
}

func (c *Conn) answerSubject(key string) string { return "vauban.a." + c.build + "." + key }

// Subjects that no stream keeps: who is there, there is something to do, and nobody waits for this any longer.
func (c *Conn) presence() string           { return "vauban.w." + c.build }
func (c *Conn) wake() string               { return "vauban.n." + c.build }
func (c *Conn) cancelled() string          { return "vauban.c." + c.build + ".*" }
func (c *Conn) cancel(asker string) string { return "vauban.c." + c.build + "." + asker }

func hexed(key [32]byte) string { return hex.EncodeToString(key[:]) }
