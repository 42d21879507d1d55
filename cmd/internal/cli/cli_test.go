package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"github.com/vauban-verifier/vauban/cmd/internal/console"
	"github.com/vauban-verifier/vauban/reports/attest"
	"github.com/vauban-verifier/vauban/reports/notary"
	"github.com/vauban-verifier/vauban/reports/notary/hornet/hornettest"
	"github.com/vauban-verifier/vauban/reports/witness"
)

// design brings the designs that the examples speak of into a fresh directory, and goes there.
func design(t *testing.T) {
	t.Helper()
	from := filepath.Join("..", "..", "vauban", "testdata", "designs")
	dir := t.TempDir()
	for to, name := range map[string]string{"shop.vbn": "first.vbn", "old.vbn": "first.vbn", "mini.yaml": "mini.yaml"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"bookshop", "logs"} {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} { // they lie in HOME, and the page for auditors is built
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, strings.TrimSpace(string(out)))
	}
	t.Chdir(dir)
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("HOME", dir)
}

// notarized makes the evidence that the examples speak of.
func notarized(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{
		{"key", "new", "alice.pem"},
		{"check", "--notarize", "--key", "alice.pem", "shop.vbn"},
		{"check", "--quiet", "--also", "json=reports/", "shop.vbn"},
		{"explain", "checkout.vbn", "orders.jsonl", "--format", "json", "--out", "orders.explained.json"},
		{"notarize", "--key", "alice.pem", "orders.explained.json"},
		{"key", "new", "shop.pem"},
		{"key", "new", "carrier.pem"},
		{"key", "new", "auditor.pem"},
		{"key", "new", "recovery.pem"},
		{"key", "new", "board.pem"},
		{"key", "new", "faucet.pem"},
		{"id", "new", "did:web:acme.example", "--key", "auditor.pem", "--out", "acme.did.json"},
		{"credential", "issue", "--key", "board.pem", "--subject", "auditor.pem", "--role", "auditor", "--until", "2099-12-31", "--out", "acme.jwt"},
		{
			"trail", "new", "shop.trail", "--report", "shop.report.json", "--key", "shop.pem", "--recovery", "recovery.pem", "--policy", "1 carrier and 1 auditor",
			"--party", "shop=shop.pem,architect", "--party", "carrier=carrier.pem,approver", "--party", "acme=auditor.pem,auditor",
		},
		{"trail", "add", "report", "shop.trail", "shop.report.json", "--key", "shop.pem"},
		{"bundle", "--trail", "shop.trail", "shop.report.json"},
		{"key", "new", "log.pem"},
		{"key", "new", "witness.pem"},
		{"witness", "log", "vauban-log", "--tangle", "embedded:vauban-tangle", "--name", "example.com/log", "--key", "log.pem"},
	} {
		var stderr bytes.Buffer
		if code := Run(t.Context(), args, strings.NewReader(""), io.Discard, &stderr); code != console.ExitOK && code != console.ExitFound {
			t.Fatalf("%v: exit status %d\n%s", args, code, &stderr)
		}
	}
}

// believing writes a trust file that names the issuer of acme.jwt.
func believing(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile("acme.jwt")
	if err != nil {
		t.Fatal(err)
	}
	c, err := attest.ParseCredential(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join("vauban-tangle", "trust.json"))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := notary.ParseTrust(data)
	if err != nil {
		t.Fatal(err)
	}
	trust.Issuers = []notary.Issuer{{DID: c.Issuer, Roles: []string{c.Role}}}
	if data, err = trust.JSON(); err == nil {
		err = os.WriteFile("issuers.json", data, 0o644)
	}
	if err == nil {
		err = watched(t, trust)
	}
	if err == nil { // of a did:iota: no node answers that could show one
		err = os.WriteFile("acme.id.json", []byte("{}"), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// watched writes what the examples of logs, witnesses and authorities speak of. No witness and no authority answers.
func watched(t *testing.T, trust *notary.Trust) error {
	t.Helper()
	named := func(path, name string, kind witness.Kind) string {
		key, err := attest.ReadKey(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := witnessKey(key, name, kind)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	log := named("log.pem", "example.com/log", witness.Signs)
	key, err := attest.ReadKey(t.Context(), "log.pem")
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	trust.Log = &witness.Policy{Key: log, First: 1, Witnesses: []string{named("witness.pem", "witness.example.org", witness.Cosigns)}, Quorum: 1}
	trust.Stamps = &witness.Stamps{Authorities: []string{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}}
	data, err := trust.JSON()
	for name, data := range map[string][]byte{"log.key": []byte(log + "\n"), "auditors-trust.json": data, "answer.tsr": []byte("refused"), "cosignature.txt": []byte("none")} {
		if err == nil {
			err = os.WriteFile(name, data, 0o644)
		}
	}
	return err
}

// onWrite calls a function when anything is written to it.
type onWrite struct{ call func() }

func (w *onWrite) Write(p []byte) (int, error) {
	w.call()
	return len(p), nil
}

// words splits a line as a shell does, as far as examples need it.
var words = regexp.MustCompile(`"[^"]*"|[^\s"]+`)

// TestExamplesInHelp runs every example that --help shows.
func TestExamplesInHelp(t *testing.T) {
	design(t)
	notarized(t)
	believing(t)
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Name() == "completion" || cmd.Name() == "help" {
			return
		}
		if strings.TrimSpace(cmd.Example) == "" {
			t.Errorf("%s --help has no example", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			args := words.FindAllString(line, -1)
			for i := range args {
				args[i] = strings.Trim(args[i], `"`)
			}
			if args[0] != "vauban" {
				t.Errorf("%s --help has an example that is no command: %s", cmd.CommandPath(), line)
				continue
			}
			t.Run(strings.TrimSpace(line), func(t *testing.T) {
				if args[1] == "key" && args[2] == "new" {
					if err := os.RemoveAll(args[3]); err != nil {
						t.Fatal(err)
					}
				}
				if args[1] == "tangle" {
					hornettest.Binary(t)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				stdout := io.Discard
				if cmd.Annotations[untilInterrupted] != "" {
					stdout = &onWrite{cancel}
				}
				var stderr bytes.Buffer
				if code := Run(ctx, args[1:], strings.NewReader(""), stdout, &stderr); code != console.ExitOK && code != console.ExitFound && !(code == console.ExitUnknown && (slices.Contains(args, "--quick") || args[1] == "id" || args[1] == "witness")) { // nobody answers at .example, and no node runs
					t.Errorf("exit status %d\n%s", code, &stderr)
				}
			})
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk((&app{&console.App{}}).root())
}

// TestCommandsNamedInHelp looks up each command that a help text names, with its flags.
func TestCommandsNamedInHelp(t *testing.T) {
	t.Parallel()
	quoted := regexp.MustCompile("[\"`]vauban ([^\"`]+)[\"`]")
	root := (&app{&console.App{}}).root()
	found := 0
	look := func(where, text string) {
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			found++
			cmd, rest, err := root.Find(strings.Fields(m[1]))
			if err != nil || cmd == root && !strings.HasPrefix(m[1], "-") {
				t.Errorf("%s names `vauban %s`, which is no command", where, m[1])
				continue
			}
			for _, arg := range rest {
				flag, _, _ := strings.Cut(arg, "=")
				long, ok := strings.CutPrefix(flag, "--")
				if ok && long != "help" && cmd.Flags().Lookup(long) == nil && root.PersistentFlags().Lookup(long) == nil {
					t.Errorf("%s names `vauban %s`, which has no flag %s", where, m[1], flag)
				}
			}
		}
	}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		look(cmd.CommandPath(), cmd.Short)
		look(cmd.CommandPath(), cmd.Long)
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { look(cmd.CommandPath()+" --"+f.Name, f.Usage) })
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(root)
	if found < 15 {
		t.Errorf("help texts name %d commands: is this test still right?", found)
	}
}

// TestFlags holds the help of flags to one form: a flag with a value names it once, in capitals, between backquotes, which pflag shows as the value; others have none.
func TestFlags(t *testing.T) {
	t.Parallel()
	value := regexp.MustCompile("`[^`]*`")
	name := regexp.MustCompile("^`(N|[A-Z]{3,}(=([A-Z]{3,}|N))?)`$")
	flags := 0
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		check := func(f *pflag.Flag) {
			flags++
			values := value.FindAllString(f.Usage, -1)
			switch {
			case f.Usage == "" || strings.HasSuffix(f.Usage, ".") || f.Usage[0] >= 'A' && f.Usage[0] <= 'Z':
				t.Errorf("%s --%s: %q is no text that begins small and ends without a stop", cmd.CommandPath(), f.Name, f.Usage)
			case f.Value.Type() == "bool" && len(values) > 0:
				t.Errorf("%s --%s has no value, and %s is shown as one", cmd.CommandPath(), f.Name, values[0])
			case f.Value.Type() != "bool" && (len(values) != 1 || !name.MatchString(values[0])):
				t.Errorf("%s --%s has a value, and its text names %q, expected one name such as `FILE`", cmd.CommandPath(), f.Name, values)
			}
		}
		cmd.LocalNonPersistentFlags().VisitAll(check)
		cmd.PersistentFlags().VisitAll(check)
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk((&app{&console.App{}}).root())
	if flags < 80 {
		t.Errorf("looked at %d flags", flags)
	}
}

// TestAllowOutside: whatever reads designs or catalogues can be allowed to read more, and nothing else has the flag.
func TestAllowOutside(t *testing.T) {
	t.Parallel()
	reads := regexp.MustCompile(`FILE\.\.\.|DIR\.\.\.|OLD NEW|DESIGN |(audit|bundle) REPORT`)
	found := 0
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		want := reads.MatchString(cmd.Use) || cmd.Flags().Lookup("catalogue") != nil
		if has := cmd.Flags().Lookup("allow-outside") != nil; has != want {
			t.Errorf("%s has --allow-outside: %v, expected %v", cmd.CommandPath(), has, want)
		}
		if want {
			found++
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk((&app{&console.App{}}).root())
	if found < 13 {
		t.Errorf("found %d commands that read designs", found)
	}
}

// TestErrorsAreEscaped: what stands in an error may be the name of a stranger's file.
func TestErrorsAreEscaped(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	Run(t.Context(), []string{"graph", "--out", "\x1b[2Jx/y.svg", filepath.Join("..", "..", "vauban", "testdata", "designs", "first.vbn")}, strings.NewReader(""), io.Discard, &stderr)
	if got := stderr.String(); strings.Contains(got, "\x1b") || !strings.Contains(got, `\x1b[2Jx`) {
		t.Errorf("%q", got)
	}
}

// TestCommit reads what the go command stamps into programs.
func TestCommit(t *testing.T) {
	t.Parallel()
	set := func(pairs ...string) (out []debug.BuildSetting) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return out
	}
	for _, c := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{nil, ""},
		{&debug.BuildInfo{}, ""},
		{&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, ""},
		{&debug.BuildInfo{Main: debug.Module{Version: "v0.1.0"}}, "module v0.1.0, "},
		{&debug.BuildInfo{Settings: set("vcs.revision", "0123456789abcdef", "vcs.time", "2026-11-23T10:00:00Z", "vcs.modified", "false")}, "commit 0123456789ab of 2026-11-23, "},
		{&debug.BuildInfo{Settings: set("vcs.revision", "0123", "vcs.modified", "true")}, "commit 0123 with changes, "},
	} {
		if got := commit(c.info); got != c.want {
			t.Errorf("%v: %q, expected %q", c.info, got, c.want)
		}
	}
	for version, want := range map[string]string{"0.2.0": "0.2.0", "0.2.0-dev": "0.2.0-dev.0123456789ab.changed", "0.2.0-rc.1": "0.2.0-rc.1"} {
		got := development(version, &debug.BuildInfo{Settings: set("vcs.revision", "0123456789abcdef", "vcs.modified", "true")})
		if got != want || development(version, &debug.BuildInfo{}) != version {
			t.Errorf("%s: %q, expected %q", version, got, want)
		}
	}
}

func TestInterrupted(t *testing.T) {
	design(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if code := Run(ctx, []string{"check", "--out", "report.txt", "shop.vbn"}, strings.NewReader(""), &stdout, &stderr); code != console.ExitInterrupted {
		t.Errorf("exit status %d, expected %d", code, console.ExitInterrupted)
	}
	if !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("stderr: %s", &stderr)
	}
	if _, err := os.Stat("report.txt"); err == nil {
		t.Error("an interrupted run has written a report")
	}
}

// TestInterruptedWhileReading stops a run that waits for standard input, which nobody closes.
func TestInterruptedWhileReading(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	if code := Run(ctx, []string{"check", "-"}, r, io.Discard, &stderr); code != console.ExitInterrupted {
		t.Errorf("exit status %d, expected %d\n%s", code, console.ExitInterrupted, &stderr)
	}
}

// TestSecondSignal: the first signal asks a command to stop, the second does not wait for that.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	for second, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143} {
		signals := make(chan os.Signal)
		stopped, code := make(chan bool, 1), make(chan int, 1)
		go obey(signals, func() { stopped <- true }, func(c int) { code <- c })
		signals <- syscall.SIGTERM
		<-stopped
		signals <- second
		if got := <-code; got != want {
			t.Errorf("%v: exit status %d, expected %d", second, got, want)
		}
	}
}

// TestInterruptedReadings: whatever waits for standard input ends with the context.
func TestInterruptedReadings(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"check", "-"},
		{"fmt", "-"},
		{"fix", "-"},
		{"graph", "-"},
		{"simulate", "-"},
		{"export", "--requirement", "R", "--format", "smt2", "-"},
		{"catalogue", "coverage", "-"},
		{"catalogue", "lint", "-"},
		{"catalogue", "list", "--catalogue", "-"},
		{"baseline", "-"},
	} {
		r, w := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		var stderr bytes.Buffer
		if code := Run(ctx, args, r, io.Discard, &stderr); code != console.ExitInterrupted {
			t.Errorf("%v: exit status %d, expected %d\n%s", args, code, console.ExitInterrupted, &stderr)
		}
		w.Close()
	}
}

// panics is an input that fails inside Vauban.
type panics struct{}

func (panics) Read([]byte) (int, error) { panic("vauban: internal error: the reader broke") }

func TestPanicsAreInternalErrors(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"check", "-"}, {"fmt", "-"}} {
		var stderr bytes.Buffer
		if code := Run(t.Context(), args, panics{}, io.Discard, &stderr); code != console.ExitUnknown {
			t.Errorf("%v: exit status %d, expected %d", args, code, console.ExitUnknown)
		}
		if !strings.HasPrefix(stderr.String(), "vauban: internal error: the reader broke\n") {
			t.Errorf("%v: stderr: %s", args, &stderr)
		}
	}
}

// full is an output that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestFullOutputIsNoSuccess(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	if code := Run(t.Context(), []string{"version"}, strings.NewReader(""), full{}, &stderr); code != console.ExitUsage {
		t.Errorf("exit status %d, expected %d", code, console.ExitUsage)
	}
}

// TestHooks runs what .pre-commit-hooks.yaml has pre-commit run, as that does: with the files, or without.
func TestHooks(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", ".pre-commit-hooks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		Entry         string
		PassFilenames *bool `yaml:"pass_filenames"`
	}
	if err := yaml.Unmarshal(data, &hooks); err != nil || len(hooks) < 2 {
		t.Fatalf("%d hooks: %v", len(hooks), err)
	}
	design(t)
	if err := os.WriteFile("vauban.yaml", []byte("designs: [shop.vbn]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, h := range hooks {
		args := strings.Fields(h.Entry)
		if h.PassFilenames == nil || *h.PassFilenames {
			args = append(args, "shop.vbn")
		}
		var stderr bytes.Buffer
		if code := Run(t.Context(), args[1:], strings.NewReader(""), io.Discard, &stderr); args[0] != "vauban" || code > console.ExitFound {
			t.Errorf("%s: exit status %d\n%s", h.Entry, code, &stderr)
		}
	}
}
