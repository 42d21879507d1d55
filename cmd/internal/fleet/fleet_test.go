package fleet

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/vauban-verifier/vauban/checker"
)

func TestMain(m *testing.M) {
	if as := os.Getenv("VAUBAN_FLEET_TEST"); as != "" {
		os.Exit(process(as))
	}
	ackWait = 400 * time.Millisecond
	os.Exit(m.Run())
}

// serve starts a server with options.
func serve(t *testing.T, opt server.Options) *server.Server {
	t.Helper()
	opt.Host, opt.NoLog, opt.NoSigs, opt.JetStream, opt.DisableJetStreamBanner = "127.0.0.1", true, true, true, true
	if opt.Port == 0 {
		opt.Port = server.RANDOM_PORT
	}
	if opt.StoreDir == "" {
		opt.StoreDir = t.TempDir()
	}
	s, err := server.NewServer(&opt)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

func connect(t *testing.T, url, build string) *Conn {
	t.Helper()
	c, err := Connect(t.Context(), Server{URL: url}, build)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// work starts a worker, and returns it with what ends it.
func work(t *testing.T, url, build string, slots int, answer func(context.Context, []byte) ([]byte, error)) (*Worker, func()) {
	t.Helper()
	w := &Worker{Conn: connect(t, url, build), Slots: slots, Answer: answer}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.Serve(ctx); err != nil {
			t.Error(err)
		}
	}()
	end := func() {
		cancel()
		<-done
	}
	t.Cleanup(end)
	for n := 0; ; n++ { // until it has subscribed
		if _, err := w.nc.Request(w.presence(), nil, 100*time.Millisecond); err == nil {
			break
		} else if n > 1000 {
			t.Fatal(err)
		}
	}
	return w, end
}

func echo(_ context.Context, question []byte) ([]byte, error) {
	return append([]byte("answer to "), question...), nil
}

func key(n int) checker.Key { return checker.Key{byte(n), byte(n >> 8)} }

func TestAskAndAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{MaxPayload: 1 << 18})
	asker := &Asker{Conn: connect(t, s.ClientURL(), "b")}
	w, _ := work(t, s.ClientURL(), "b", 2, echo)
	noise := make([]byte, 1<<20) // more than a message may have, and not to be packed
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	ask := func(n int, question []byte) {
		got, err := asker.Ask(t.Context(), key(n), question, n%2 == 0)
		if want := append([]byte("answer to "), question...); err != nil || !bytes.Equal(got, want) {
			t.Errorf("question %d: %d bytes, %v", n, len(got), err)
		}
	}
	var wg sync.WaitGroup
	for n := range 100 {
		wg.Go(func() { ask(n, fmt.Appendf(nil, "question %d", n)) })
	}
	wg.Go(func() { ask(1000, noise) })
	wg.Go(func() { ask(1001, make([]byte, 1<<20)) })
	wg.Wait()
	if n := w.Counts.Answered.Load(); n != 102 {
		t.Errorf("%d answers", n)
	}
	ask(7, []byte("question 7"))
	if n := w.Counts.Answered.Load(); n != 102 {
		t.Error("what is known is asked again")
	}
	stream, err := asker.js.Stream(t.Context(), questions)
	if err != nil || stream.CachedInfo().State.Msgs != 0 {
		t.Errorf("questions are left: %+v, %v", stream.CachedInfo().State, err)
	}
	at, end, err := w.Metrics("0")
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	if !strings.HasPrefix(at, "127.0.0.1:") {
		t.Errorf("the metrics are at %s", at)
	}
	page, err := http.Get("http://" + at + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	text, err := io.ReadAll(page.Body)
	if err != nil || !strings.Contains(string(text), "vauban_worker_answered_total 102\n") || !strings.Contains(string(text), "# TYPE vauban_worker_running gauge\nvauban_worker_running 0\n") {
		t.Errorf("%s, %v", text, err)
	}
}

// TestOtherProgram: a worker of another program is asked nothing, and nobody waits for it.
func TestOtherProgram(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	w, _ := work(t, s.ClientURL(), "other", 1, echo)
	asker := &Asker{Conn: connect(t, s.ClientURL(), "b")}
	if _, err := asker.Ask(t.Context(), key(1), []byte("?"), false); !errors.Is(err, errNobody) || w.Counts.Answered.Load() != 0 {
		t.Errorf("%v", err)
	}
}

// TestNoAnswer: what a worker cannot answer is refused with the reason, and what kills one worker after the other is given up.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	asker := &Asker{Conn: connect(t, s.ClientURL(), "b")}
	var (
		mu     sync.Mutex
		killed int
		all    sync.WaitGroup
		start  func()
	)
	start = func() {
		var w *Worker
		there := make(chan struct{})
		defer close(there)
		w, _ = work(t, s.ClientURL(), "b", 1, func(_ context.Context, question []byte) ([]byte, error) {
			if string(question) != "poison" {
				return nil, errors.New("that is no question")
			}
			mu.Lock()
			killed++
			mu.Unlock()
			<-there
			w.Close() // as if it had died: nobody hears of it any more
			all.Go(start)
			return nil, errors.New("that is not heard either")
		})
	}
	start()
	defer all.Wait()
	if _, err := asker.Ask(t.Context(), key(1), []byte("nonsense"), false); err == nil || err.Error() != "that is no question" {
		t.Errorf("%v", err)
	}
	if _, err := asker.Ask(t.Context(), key(2), []byte("poison"), false); !isRefused(err) {
		t.Errorf("%v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if killed != maxTries {
		t.Errorf("killed %d workers", killed)
	}
}

// TestCancel: what nobody waits for any longer is nobody's work.
func TestCancel(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	asker := &Asker{Conn: connect(t, s.ClientURL(), "b")}
	began, ended := make(chan struct{}), make(chan struct{})
	w, _ := work(t, s.ClientURL(), "b", 1, func(ctx context.Context, question []byte) ([]byte, error) {
		close(began)
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-began
		cancel()
	}()
	if _, err := asker.Ask(ctx, key(1), []byte("?"), false); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	<-ended
	stream, err := asker.js.Stream(t.Context(), questions)
	if err != nil || stream.CachedInfo().State.Msgs != 0 || w.Counts.Answered.Load() != 0 {
		t.Errorf("%+v, %v", stream.CachedInfo().State, err)
	}
}

// TestUrgent: what somebody waits for at a screen comes before what was asked earlier.
func TestUrgent(t *testing.T) {
	t.Parallel()
	s := serve(t, server.Options{})
	asker := &Asker{Conn: connect(t, s.ClientURL(), "b")}
	var (
		mu    sync.Mutex
		order []string
		gate  = make(chan struct{})
		first = make(chan struct{})
		once  sync.Once
	)
	work(t, s.ClientURL(), "b", 1, func(_ context.Context, question []byte) ([]byte, error) {
		once.Do(func() { close(first) })
		<-gate
		mu.Lock()
		defer mu.Unlock()
		order = append(order, string(question))
		return question, nil
	})
	var wg sync.WaitGroup
	ask := func(n int, question string, urgent bool) {
		wg.Go(func() {
			if _, err := asker.Ask(t.Context(), key(n), []byte(question), urgent); err != nil {
				t.Error(err)
			}
		})
	}
	ask(1, "first", false)
	<-first
	for n := range 3 {
		ask(2+n, "later", false)
	}
	ask(9, "now", true)
	stream, err := asker.js.Stream(t.Context(), questions)
	for err == nil && stream.CachedInfo().State.Msgs < 5 {
		_, err = stream.Info(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	close(gate)
	wg.Wait()
	if len(order) != 5 || order[1] != "now" {
		t.Errorf("%q", order)
	}
}

// TestServerComesBack: the server goes while a question is open, and comes back with or without what it knew.
func TestServerComesBack(t *testing.T) {
	t.Parallel()
	for _, forgets := range []bool{false, true} {
		t.Run(fmt.Sprintf("forgets=%t", forgets), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := serve(t, server.Options{StoreDir: dir})
			asker := &Asker{Conn: connect(t, s.ClientURL(), "b")}
			began := make(chan struct{}, 100)
			gate := make(chan struct{})
			work(t, s.ClientURL(), "b", 1, func(ctx context.Context, question []byte) ([]byte, error) {
				began <- struct{}{}
				select {
				case <-gate:
					return echo(ctx, question)
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			})
			done := make(chan error, 1)
			go func() {
				data, err := asker.Ask(context.Background(), key(1), []byte("?"), false)
				if err == nil && string(data) != "answer to ?" {
					err = fmt.Errorf("%q", data)
				}
				done <- err
			}()
			<-began
			port := s.Addr().(*net.TCPAddr).Port
			s.Shutdown()
			s.WaitForShutdown()
			if forgets {
				dir = t.TempDir()
			}
			serve(t, server.Options{StoreDir: dir, Port: port})
			close(gate)
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// authority makes a certificate for the loopback interface, and the file of who has signed it.
func authority(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fleet"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, file
}

// TestStranger: without a key, with another one, or with a server whose certificate nobody trusts has signed, nobody is let in.
func TestStranger(t *testing.T) {
	t.Parallel()
	seed := func() (file, public string) {
		pair, err := nkeys.CreateUser()
		if err != nil {
			t.Fatal(err)
		}
		secret, err := pair.Seed()
		if err != nil {
			t.Fatal(err)
		}
		if public, err = pair.PublicKey(); err != nil {
			t.Fatal(err)
		}
		file = filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, secret, 0o600); err != nil {
			t.Fatal(err)
		}
		return file, public
	}
	known, public := seed()
	unknown, _ := seed()
	cert, ca := authority(t)
	_, other := authority(t)
	s := serve(t, server.Options{Nkeys: []*server.NkeyUser{{Nkey: public}}, TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}})
	url := "tls://" + s.Addr().String()
	for name, c := range map[string]struct {
		server Server
		in     bool
	}{
		"known":                  {Server{url, known, ca}, true},
		"no key":                 {Server{url, "", ca}, false},
		"another key":            {Server{url, unknown, ca}, false},
		"a key that is not here": {Server{url, known + ".x", ca}, false},
		"no authority":           {Server{url, known, ""}, false},
		"another authority":      {Server{url, known, other}, false},
		"a password in the open": {Server{"nats://u:p@192.0.2.1:4222", "", ""}, false},
		"no address":             {Server{"http://127.0.0.1", "", ""}, false},
	} {
		conn, err := Connect(t.Context(), c.server, "b")
		if (err == nil) != c.in {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			conn.Close()
		}
	}
}
