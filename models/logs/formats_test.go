package logs_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/models/logs/cloudevents"
	"github.com/vauban-verifier/vauban/models/logs/csv"
	"github.com/vauban-verifier/vauban/models/logs/falco"
	"github.com/vauban-verifier/vauban/models/logs/jsonl"
	"github.com/vauban-verifier/vauban/models/logs/modsecurity"
	"github.com/vauban-verifier/vauban/models/logs/ocel"
	"github.com/vauban-verifier/vauban/models/logs/ocsf"
	"github.com/vauban-verifier/vauban/models/logs/xes"
)

// formats have what opens each, where things are in it, a log of it, and what of that is read: the fields that the defaults name, and some others.
var formats = map[string]struct {
	open     func(io.Reader) logs.Reader
	defaults logs.Defaults
	log      string
	also     []string
	want     []string
}{
	"jsonl": {jsonl.New, jsonl.Defaults, "[{\"case\":\"a\",\"time\":1,\"step\":\"Place\",\"args\":[\"o1\"]},\n {\"case\":\"b\",\"step\":\"Ship\"}]", []string{"args"}, []string{"a 1 Place o1", "b Ship"}},
	"cloudevents": {
		cloudevents.New, cloudevents.Defaults,
		`{"specversion":"1.0","id":"1","source":"/psp","type":"payment.captured","time":"2026-03-01T10:00:00Z","subject":"A-17","datacontenttype":"application/json","data":{"amount":59.90}}
{"specversion":"1.0","id":"2","source":"/psp","type":"payment.captured","subject":"A-18","data_base64":"eyJhbW91bnQiOiAiMC4wMSJ9"}`,
		[]string{"data.amount"},
		[]string{"A-17 2026-03-01T10:00:00Z /psp payment.captured 59.90", "A-18 /psp payment.captured 0.01"},
	},
	"ocsf": {
		ocsf.New, ocsf.Defaults,
		`{"class_uid":2004,"type_uid":200401,"time":1772359200000,"metadata":{"correlation_uid":"c1","product":{"name":"Sensor"}},"finding_info":{"attacks":[{"technique":{"uid":"T1190"},"sub_technique":{"uid":"T1059.001"}}]}}`,
		[]string{"refs"},
		[]string{"c1 1772359200000 Sensor 200401 T1059.001,T1190"},
	},
	"falco": {
		falco.New, falco.Defaults,
		`{"hostname":"shop-1","output":"x","priority":"Warning","rule":"Read sensitive file untrusted","source":"syscall","tags":["mitre_credential_access","T1555"],"time":"2026-03-01T10:00:00.123456789Z","output_fields":{"proc.name":"cat"}}`,
		[]string{"tags", "output_fields.proc.name"},
		[]string{"shop-1 2026-03-01T10:00:00.123456789Z shop-1 Read sensitive file untrusted mitre_credential_access,T1555 cat"},
	},
	"modsecurity": {
		modsecurity.New, modsecurity.Defaults,
		`{"transaction":{"client_ip":"192.0.2.1","time_stamp":"Sun Mar  1 10:00:00 2026","server_id":"waf","unique_id":"u1","request":{"uri":"/cart?id=1"},"messages":[{"message":"SQL Injection","details":{"ruleId":"942100","tags":["attack-sqli","capec/1000/152/248/66"]}},{"message":"Score","details":{"ruleId":"949110"}}]}}
{"transaction":{"time_stamp":"Sun Mar  1 10:00:01 2026","server_id":"waf","unique_id":"u2","messages":[]}}`,
		[]string{"message.details.tags"},
		[]string{"u1 Sun Mar  1 10:00:00 2026 waf 942100 attack-sqli,capec/1000/152/248/66", "u1 Sun Mar  1 10:00:00 2026 waf 949110", "u2 Sun Mar  1 10:00:01 2026 waf"},
	},
	"xes": {
		xes.New, xes.Defaults,
		`<?xml version="1.0" encoding="UTF-8"?><log xes.version="1849.2016" xmlns="http://www.xes-standard.org/"><extension name="Concept" prefix="concept" uri="u"/>
<global scope="event"><string key="concept:name" value="x"/></global>
<trace><string key="concept:name" value="A-17"/>
 <event><string key="concept:name" value="Place"/><date key="time:timestamp" value="2026-03-01T10:00:00.000+01:00"/><int key="amount" value="3"><string key="currency" value="EUR"/></int></event>
 <event><string key="concept:name" value="Ship"/></event></trace><trace><string key="concept:name" value="B"/></trace></log>`,
		[]string{"amount", "amount.currency"},
		[]string{"A-17 2026-03-01T10:00:00.000+01:00 Place 3 EUR", "A-17 Ship"},
	},
	"ocel": {
		ocel.New, ocel.Defaults,
		`{"eventTypes":[{"name":"pay","attributes":[]}],"events":[{"id":"e1","type":"pay","time":"2026-03-01T10:00:00Z","attributes":[{"name":"amount","value":"59.90"},{"name":"id","value":"no"}],"relationships":[{"objectId":"o1","qualifier":"pays"},{"objectId":"p1","qualifier":""}]}],"objects":[{"id":"o1","type":"order","attributes":[],"relationships":[]},{"id":"p1","type":"payment"}]}`,
		[]string{"amount", "object.order", "qualified.pays", "id"},
		[]string{"o1,p1 2026-03-01T10:00:00Z pay 59.90 o1 o1 e1"},
	},
	"csv": {csv.New, csv.Defaults, "\xef\xbb\xbfcase;time;source;step;args\na;;shop;Place;o1\n", []string{"args"}, []string{"a shop Place o1"}},
}

// read returns what a reader gives, and the error that ends it.
func read(r logs.Reader, fields []string) (out []string, err error) {
	for range 100 {
		rec, err := r.Next()
		var wrong *logs.Unreadable
		if errors.As(err, &wrong) {
			out = append(out, "! "+wrong.Text)
			continue
		}
		if err != nil {
			return out, err
		}
		var words []string
		for _, f := range fields {
			if t := rec.Texts(f); len(t) > 0 {
				words = append(words, strings.Join(t, ","))
			}
		}
		out = append(out, strings.Join(words, " "))
	}
	return out, errors.New("too many records")
}

// TestFormats reads a log of each format.
func TestFormats(t *testing.T) {
	t.Parallel()
	for name, f := range formats {
		d := f.defaults
		got, err := read(f.open(strings.NewReader(f.log)), append([]string{d.Case, d.Time, d.Source, d.Type}, f.also...))
		if !errors.Is(err, io.EOF) || !slices.Equal(got, f.want) {
			t.Errorf("%s: %v\n%q\nexpected\n%q", name, err, got, f.want)
		}
	}
}

// TestCutShort reads each log up to each of its bytes: without a panic, and no record is made up.
func TestCutShort(t *testing.T) {
	t.Parallel()
	for name, f := range formats {
		d := f.defaults
		fields := append([]string{d.Case, d.Time, d.Source, d.Type}, f.also...)
		for n := range len(f.log) {
			got, _ := read(f.open(strings.NewReader(f.log[:n])), fields)
			for i, line := range got {
				if whole := i < len(f.want) && line == f.want[i]; !whole && !strings.HasPrefix(line, "! ") && name != "csv" && name != "xes" {
					t.Errorf("%s, %d bytes: %q", name, n, line)
				}
			}
		}
	}
}

// TestHostile gives each reader what is too long, too deep or something else.
func TestHostile(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3<<20)
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	for name, f := range formats {
		for what, text := range map[string]string{
			"long": `{"a":"` + long + `"}`, "long list": `[{"a":"` + long + `"}]`, "deep": deep, "deep list": "[" + deep + "]", "XML": "<a>" + strings.Repeat("<b>", 10_000), "text": "what\never\n",
			"long XML": `<log><trace><event><string key="a" value="` + long + `"/></event></trace></log>`,
			"deep XML": `<log><trace><event>` + strings.Repeat(`<string key="a" value="b">`, 100) + `</event></trace></log>`,
			"wide":     "{" + strings.Repeat(`"a":1,`, 3) + `"b":2}`, "no events": `{"objects":[]}`, "entity": `<!DOCTYPE log [<!ENTITY a "b">]><log><trace><string key="c" value="&a;"/></trace></log>`,
		} {
			got, err := read(f.open(strings.NewReader(text)), []string{"a"})
			for _, line := range got {
				if len(line) > 2000 {
					t.Errorf("%s, %s: a record of %d bytes", name, what, len(line))
				}
			}
			if err == nil {
				t.Errorf("%s, %s: no end", name, what)
			}
		}
	}
	if _, err := read(cloudevents.New(strings.NewReader(`{"specversion":"0.3"}`)), nil); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if got, _ := read(cloudevents.New(strings.NewReader(`{"specversion":"0.3"}`)), nil); fmt.Sprint(got) != `[! specversion is "0.3", expected a CloudEvent of version 1.0]` {
		t.Errorf("%q", got)
	}
}
