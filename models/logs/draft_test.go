package logs_test

import (
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/dsl/source"
	"github.com/vauban-verifier/vauban/models/logs"
	"github.com/vauban-verifier/vauban/models/logs/jsonl"
)

// TestDraft drafts a mapping from names, which reads as one.
func TestDraft(t *testing.T) {
	t.Parallel()
	d := checkout(t)
	r := jsonl.New(strings.NewReader(`
{"at": "2026-03-01T10:00:00Z", "event": "cart.viewed", "order_id": "A-17"}
{"at": "2026-03-01T10:00:05Z", "event": "order.created", "order_id": "A-17"}
{"at": "2026-03-01T10:00:30Z", "event": "payment.captured", "order_id": "A-17", "amount": 59.90}
{"at": "2026-03-01T11:00:00Z", "event": "parcel.sent", "order_id": "A-17"}
{"at": "2026-03-01T11:00:00Z", "event": "parcel.sent", "order_id": "A-18"}
`))
	var records []logs.Record
	for {
		rec, err := r.Next()
		if err != nil {
			break
		}
		records = append(records, rec)
	}
	got := logs.Draft(d, records, "jsonl", jsonl.Defaults)
	want := `# A draft of a mapping, made from 5 entries. Every line is a guess: read it against the design before anything is explained by it.
format: jsonl
case: order_id
time: at
type: event
ignore: [cart.viewed]   # no step has a name like these
values:
  Order: in order   # order_id has 2 texts: are the values of Order alike?
  Amount:   # say which of these each value means: amount has "59.90"
    cent: [cent]
    full: [full]
events:
  - {type: order.created, step: Place, args: {o: order_id}}
  - {type: parcel.sent, step: Ship, args: {o: order_id, a: {any: true}}}
  - {type: payment.captured, step: Charge, args: {o: order_id, a: amount}}
`
	if got != want {
		t.Errorf("got\n%s\nexpected\n%s", got, want)
	}
	diags := &diag.List{}
	if logs.Parse(source.New("map.yaml", got), d, jsonl.Defaults, diags) == nil {
		t.Errorf("the draft is no mapping: %s", diags.Sorted()[0].Message)
	}
	empty := logs.Draft(d, nil, "jsonl", jsonl.Defaults)
	if !strings.Contains(empty, "# case: FIELD   # nothing looks like it\n") || !strings.Contains(empty, "no entries look like step Ship") {
		t.Errorf("of nothing: %s", empty)
	}
}
