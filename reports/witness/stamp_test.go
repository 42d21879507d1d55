package witness_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/vauban-verifier/vauban/reports/witness"
)

// authority stamps, with a certificate of its own.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// certify makes a key with a certificate, by somebody, or by itself.
func certify(t *testing.T, name string, by *authority, change func(*x509.Certificate)) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(name))), Subject: pkix.Name{CommonName: name}, NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	change(c)
	if by == nil {
		by = &authority{c, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.certificate, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return &authority{c, key}
}

func root(t *testing.T, name string) *authority {
	return certify(t, name, nil, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })
}

// forStamps makes a certificate one for time stamps alone.
func forStamps(c *x509.Certificate) {
	only, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		panic(err)
	}
	c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: only})
}

func (a *authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}))
}

// stamp answers with a time stamp.
func (a *authority) stamp(t *testing.T, data []byte, at time.Time, change func(*timestamp.Timestamp)) []byte {
	t.Helper()
	sum := sha256.Sum256(data)
	s := &timestamp.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: at, Policy: asn1.ObjectIdentifier{1, 2, 3, 4}, AddTSACertificate: true}
	if change != nil {
		change(s)
	}
	out, err := s.CreateResponseWithOpts(a.certificate, a.key, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestStamps has good time stamps accepted, and each other one refused for what is wrong with it.
func TestStamps(t *testing.T) {
	t.Parallel()
	data := []byte("a milestone, raw")
	ca := root(t, "authorities")
	good := certify(t, "authority", ca, forStamps)
	web := certify(t, "a web server", ca, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	soft := certify(t, "not critical", ca, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping} })
	over := certify(t, "run out", ca, func(c *x509.Certificate) { forStamps(c); c.NotAfter = begin.Add(time.Minute) })
	other := certify(t, "another authority", root(t, "others"), forStamps)
	demand := &witness.Stamps{Authorities: []string{ca.pem()}, Within: 3600}
	at := begin.Add(10 * time.Minute)

	s, err := demand.Verify(good.stamp(t, data, at, nil), data, begin)
	if err != nil || !s.Time.Equal(at) || s.Authority != "CN=authority" {
		t.Fatalf("%+v, %v", s, err)
	}
	itself := &witness.Stamps{Authorities: []string{good.pem()}}
	if _, err := itself.Verify(good.stamp(t, data, at, nil), data, begin); err != nil {
		t.Errorf("an authority that is named itself: %v", err)
	}
	if _, err := itself.Verify(good.stamp(t, data, at, func(s *timestamp.Timestamp) { s.AddTSACertificate = false }), data, begin); err != nil {
		t.Errorf("an authority that does not send its certificate: %v", err)
	}
	for _, c := range []struct {
		name, says string
		answer     []byte
	}{
		{"nothing", "is not a time stamp", nil},
		{"nonsense", "is not a time stamp", []byte("hello")},
		{"too large", "is larger than 64 KB", make([]byte, witness.MaxStamp+1)},
		{"something behind it", "is not a time stamp", append(good.stamp(t, data, at, nil), 0)},
		{"about something else", "is not about this milestone", good.stamp(t, []byte("another"), at, nil)},
		{"by another hash", "is not about this milestone", good.stamp(t, data, at, func(s *timestamp.Timestamp) { s.HashAlgorithm, s.HashedMessage = crypto.SHA512, make([]byte, 64) })},
		{"too late", "longer than the 3600 seconds", good.stamp(t, data, begin.Add(2*time.Hour), nil)},
		{"too early", "says that it was made later", good.stamp(t, data, begin.Add(-20*time.Minute), nil)},
		{"by a stranger", "no authority that you trust", other.stamp(t, data, at, nil)},
		{"by one that is for something else", "not one for time stamps alone", web.stamp(t, data, at, nil)},
		{"by one that may be for something else", "not one for time stamps alone", soft.stamp(t, data, at, nil)},
		{"by one whose certificate had run out", "no authority that you trust", over.stamp(t, data, at, nil)},
		{"without a certificate", "the certificate of its signer is not there", good.stamp(t, data, at, func(s *timestamp.Timestamp) { s.AddTSACertificate = false })},
	} {
		if _, err := demand.Verify(c.answer, data, begin); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, expected %q", c.name, err, c.says)
		}
	}
	// What is said of the time is signed.
	answer := good.stamp(t, data, at, nil)
	moved := bytes.Replace(answer, []byte(at.Format("20060102150405")), []byte(at.Add(-time.Minute).Format("20060102150405")), 1)
	if _, err := demand.Verify(moved, data, begin); err == nil || bytes.Equal(moved, answer) {
		t.Errorf("another time: %v", err)
	}
	for _, c := range []struct {
		demand witness.Stamps
		says   string
	}{
		{witness.Stamps{}, "names no authority"},
		{witness.Stamps{Authorities: []string{"x"}}, "expected one certificate in PEM"},
		{witness.Stamps{Authorities: []string{ca.pem() + good.pem()}}, "expected one certificate in PEM"},
		{witness.Stamps{Authorities: []string{ca.pem()}, Within: -1}, "within is -1"},
	} {
		if err := c.demand.Validate(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v, expected %q", err, c.says)
		}
	}
}

// TestStampsByOpenSSL has the time stamps of another authority accepted, and ours by another verifier.
func TestStampsByOpenSSL(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	now := time.Now().UTC().Truncate(time.Second)
	recent := func(c *x509.Certificate) { c.NotBefore, c.NotAfter = now.Add(-time.Hour), now.Add(time.Hour) }
	ca := certify(t, "authorities", nil, func(c *x509.Certificate) { recent(c); c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })
	tsa := certify(t, "authority", ca, func(c *x509.Certificate) { recent(c); forStamps(c) })
	data := []byte("a milestone, raw")
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	openssl := func(args ...string) {
		t.Helper()
		cmd := exec.Command("openssl", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %q: %v\n%s", args, err, out)
		}
	}
	key, err := x509.MarshalPKCS8PrivateKey(tsa.key)
	if err != nil {
		t.Fatal(err)
	}
	query, err := witness.Query(data)
	if err != nil {
		t.Fatal(err)
	}
	write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	write("tsa.pem", []byte(tsa.pem()))
	write("ca.pem", []byte(ca.pem()))
	write("data", data)
	write("query", query)
	write("serial", []byte("01\n"))
	write("ts.cnf", []byte("[tsa]\ndefault_tsa = one\n[one]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = key.pem\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\ness_cert_id_alg = sha256\n"))
	openssl("ts", "-reply", "-config", "ts.cnf", "-queryfile", "query", "-out", "theirs.tsr")
	theirs, err := os.ReadFile(filepath.Join(dir, "theirs.tsr"))
	if err != nil {
		t.Fatal(err)
	}
	demand := &witness.Stamps{Authorities: []string{ca.pem()}, Within: 3600}
	if _, err := demand.Verify(theirs, data, now); err != nil {
		t.Errorf("a time stamp of openssl: %v", err)
	}
	openssl("ts", "-verify", "-data", "data", "-in", "theirs.tsr", "-CAfile", "ca.pem")
	write("ours.tsr", tsa.stamp(t, data, now, nil))
	openssl("ts", "-verify", "-data", "data", "-in", "ours.tsr", "-CAfile", "ca.pem")
}

// FuzzStamp holds the reader of time stamps to refusing what it cannot read: nothing that changed passes.
func FuzzStamp(f *testing.F) {
	t := &testing.T{}
	data := []byte("a milestone, raw")
	ca := root(t, "authorities")
	demand := &witness.Stamps{Authorities: []string{ca.pem()}}
	f.Add(certify(t, "authority", ca, forStamps).stamp(t, data, begin, nil))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if s, err := demand.Verify(answer, data, begin); err == nil && (!s.Time.Equal(begin) || s.Authority != "CN=authority") {
			t.Errorf("%+v", s)
		}
	})
}
