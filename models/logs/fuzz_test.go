package logs_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/vauban-verifier/vauban/models/logs"
)

// whole reads a log to its end: what each record has, and how it ends.
func whole(t *testing.T, r logs.Reader, size int) (out []string) {
	t.Helper()
	line := 1
	for {
		rec, err := r.Next()
		var wrong *logs.Unreadable
		switch {
		case errors.As(err, &wrong):
			out = append(out, fmt.Sprintf("%d: ! %s", wrong.Line, wrong.Text))
		case errors.Is(err, io.EOF):
			return append(out, "end")
		case err != nil:
			return append(out, "! "+err.Error())
		default:
			if rec.Line < line || len(rec.Fields) > 3*logs.MaxFields {
				t.Errorf("line %d with %d fields, after line %d", rec.Line, len(rec.Fields), line)
			}
			line = rec.Line
			for path, text := range rec.Fields {
				if !utf8.ValidString(path) || !utf8.ValidString(text) {
					t.Errorf("%q: %q is not UTF-8", path, text)
				}
			}
			out = append(out, fmt.Sprintf("%d: %v", rec.Line, rec.Fields)) // sorted by path
		}
		if len(out) > size+2 {
			t.Fatalf("more than %d records of %d bytes", len(out), size)
		}
	}
}

// fuzz reads whatever there is in a format: without a panic, to an end, within the limits, and the same in whatever pieces it comes.
func fuzz(f *testing.F, name string) {
	f.Helper()
	format := formats[name]
	f.Add([]byte(format.log))
	for n := 1; n < 6; n++ {
		f.Add([]byte(format.log[:len(format.log)*n/6]))
	}
	for _, text := range seeds[name] {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		got := whole(t, format.open(strings.NewReader(string(data))), len(data))
		piecewise := whole(t, format.open(iotest.OneByteReader(strings.NewReader(string(data)))), len(data))
		if strings.Join(got, "\n") != strings.Join(piecewise, "\n") {
			t.Errorf("in one piece\n%q\nbyte by byte\n%q", got, piecewise)
		}
	})
}

func FuzzJSONL(f *testing.F)       { fuzz(f, "jsonl") }
func FuzzCSV(f *testing.F)         { fuzz(f, "csv") }
func FuzzXES(f *testing.F)         { fuzz(f, "xes") }
func FuzzOCEL(f *testing.F)        { fuzz(f, "ocel") }
func FuzzCloudEvents(f *testing.F) { fuzz(f, "cloudevents") }
func FuzzOCSF(f *testing.F)        { fuzz(f, "ocsf") }
func FuzzFalco(f *testing.F)       { fuzz(f, "falco") }
func FuzzModSecurity(f *testing.F) { fuzz(f, "modsecurity") }

// seeds are logs, by format, that somebody once thought of, or that the search found.
var seeds = map[string][]string{
	"jsonl":       {"\n\n{}\r\n{\"a\":1}x\n[", `[{"a":1}] [{"a":2}]`, " [1]", `[{"a":1},]`, "{\"a\":\"\\ud800\"}"},
	"csv":         {"a\n\"1\n2\"\n3", "a;b\n1;2\n", "\xef\xbb\xbfa,b\r\n1,\r\n", "a,\"\n", "\n", "a\n1,2\n", "a,\x90\n1,0\n"},
	"xes":         {`<log><trace><string key="a" value="1"><string key="b" value="2"/></string><event><string key="trace.a" value="3"/></event></trace></log>`, `<log><event/></log><log><event/></log>`, `<log><!-- <event/> --><![CDATA[x]]></log>`},
	"ocel":        {`{"events":[{"id":"e","type":"t","time":"1","attributes":[{"name":"objects.0","value":"x"}],"relationships":[{"objectId":"o"}]}],"objects":[]}`, `{"events":[]}{}`, `{"events":[],"events":[]}`},
	"cloudevents": {`{"specversion":"1.0","data_base64":"e30="}`, `{"specversion":"1.0","data":{"a":1},"data_base64":"eyJhIjoyfQ=="}`, `{"specversion":"1.0","datacontenttype":"text/plain","data_base64":"eA=="}`},
	"ocsf":        {`{"refs":["x"],"technique":{"uid":"T1"}}`, `{"technique.uid":"T1"}`},
	"falco":       {`{"tags":[["T1"]]}`, `{"tags":"T1"}`},
	"modsecurity": {`{"transaction":{"messages":{"0":{"a":1},"00":{"a":2}}}}`, `{"transaction":{"messages":[{},{"a":1}]}}`, `{"transaction":{"messages":[1]}}`, `{"transaction":{"messages":{"1":{"a":1}}}}`},
}

// TestNothingIsReplaced: what a format adds to a record takes the place of nothing that the record says itself, and the other way round.
func TestNothingIsReplaced(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want map[string]string
	}{
		"xes":         {`<log><trace><string key="concept:name" value="mine"/><event><string key="trace.concept:name" value="yours"/></event></trace></log>`, map[string]string{"trace.concept:name": "mine"}},
		"ocel":        {`{"events":[{"id":"e","type":"t","time":"1","attributes":[{"name":"objects.1","value":"yours"}],"relationships":[{"objectId":"mine"}]}],"objects":[]}`, map[string]string{"id": "e", "type": "t", "time": "1", "objects.0": "mine"}},
		"ocsf":        {`{"refs":["T9999","T9998"],"technique":{"uid":"T1"}}`, map[string]string{"technique.uid": "T1", "refs.0": "T1"}},
		"cloudevents": {`{"specversion":"1.0","data":{"a":1},"data_base64":"eyJiIjoyfQ=="}`, nil},
		"modsecurity": {`{"transaction":{"messages":{"0":{"a":1},"00":{"b":2}}}}`, nil},
		"jsonl":       {`[{"a":1}] [{"a":2}]`, map[string]string{"a": "1"}},
	} {
		r := formats[name].open(strings.NewReader(c.text))
		rec, err := r.Next()
		if c.want == nil {
			if err == nil || errors.Is(err, io.EOF) {
				t.Errorf("%s: %v, %v", name, rec.Fields, err)
			}
			continue
		}
		if err != nil || !maps.Equal(rec.Fields, c.want) {
			t.Errorf("%s: %v, %v, expected %v", name, rec.Fields, err, c.want)
		}
		if _, err := r.Next(); name == "jsonl" && (err == nil || errors.Is(err, io.EOF)) {
			t.Errorf("%s: what follows the list is left out: %v", name, err)
		}
	}
}

// TestByteByByte reads a long line that comes byte by byte, as whoever writes a log may send it, without copying it for each. It counts what is allocated, so nothing runs beside it.
func TestByteByByte(t *testing.T) {
	text := `{"a":"` + strings.Repeat("x", logs.MaxBytes-10) + "\"}\n{\"a\":\"y\"}\n"
	r := formats["jsonl"].open(iotest.OneByteReader(strings.NewReader(text)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, want := range []int{logs.MaxBytes - 10, 1} {
		if rec, err := r.Next(); err != nil || len(rec.Fields["a"]) != want {
			t.Fatal(rec.Line, err)
		}
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 64*logs.MaxBytes {
		t.Errorf("%d bytes were allocated for %d", n, len(text))
	}
}
