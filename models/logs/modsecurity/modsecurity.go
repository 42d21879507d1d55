// Package modsecurity reads audit logs of ModSecurity 3 and Coraza in JSON (`SecAuditLogFormat JSON`), one transaction on each line. A transaction in which several rules
// matched gives a record for each: its own fields are under `transaction`, those of the rule that matched under `message`. The type is the ID of the rule; `message.details.tags` has
// the references to CAPEC that the rules of the OWASP core rule set carry. A transaction in which no rule matched gives one record without a type.
//
// # Limitations
//
// Those of package logs. That a rule matched is an attempt: whether the request was refused stands in other fields, and an attempt is no effect.
package modsecurity

import (
	"io"
	"strconv"
	"strings"

	"github.com/vauban-verifier/vauban/models/logs"
)

// Defaults are the fields that things are in.
var Defaults = logs.Defaults{Case: "transaction.unique_id", Time: "transaction.time_stamp", Source: "transaction.server_id", Type: "message.details.ruleId"}

type reader struct {
	in    *logs.Objects
	queue []logs.Record
}

// New returns a reader.
func New(r io.Reader) logs.Reader { return &reader{in: logs.NewObjects(r)} }

func (r *reader) Next() (logs.Record, error) {
	if len(r.queue) > 0 {
		rec := r.queue[0]
		r.queue = r.queue[1:]
		return rec, nil
	}
	whole, err := r.in.Next()
	if err != nil {
		return whole, err
	}
	const prefix = "transaction.messages."
	own := map[string]string{}
	messages := map[int]map[string]string{}
	for path, text := range whole.Fields {
		rest, ok := strings.CutPrefix(path, prefix)
		if !ok {
			own[path] = text
			continue
		}
		number, field, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(number)
		if err != nil || strconv.Itoa(n) != number {
			return whole, &logs.Unreadable{Line: whole.Line, Text: "messages is not a list"}
		}
		if messages[n] == nil {
			messages[n] = map[string]string{}
		}
		messages[n]["message."+field] = text
	}
	if len(messages) == 0 {
		return logs.Record{Line: whole.Line, Fields: own}, nil
	}
	for n := range len(messages) {
		fields := messages[n]
		if fields == nil || len(fields)+len(own) > logs.MaxFields {
			return whole, &logs.Unreadable{Line: whole.Line, Text: "messages is not a list, or too long"}
		}
		for path, text := range own {
			fields[path] = text
		}
		r.queue = append(r.queue, logs.Record{Line: whole.Line, Fields: fields})
	}
	return r.Next()
}
