package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Fault is something that goes wrong with a log, and not with what it is about.
type Fault string

// The faults.
const (
	Lost     Fault = "lost"     // an event is missing
	Doubled  Fault = "doubled"  // an event appears twice, one after the other
	Swapped  Fault = "swapped"  // two neighbouring events changed places
	Misfiled Fault = "misfiled" // an event is under the name of the next case
	Skewed   Fault = "skewed"   // the clock of a party is behind
)

// Faults are all of them with what they are. A number says of all but Skewed how many honest cases have one, and of Skewed by how many seconds.
var Faults = []struct {
	Fault Fault
	Means string
}{
	{Lost, "an event is missing, of N honest cases; never the last one, which may be still to come"},
	{Doubled, "an event appears twice, one after the other, in N honest cases"},
	{Swapped, "two neighbouring events changed places, in N honest cases"},
	{Misfiled, "an event is under the name of the next case, of N honest cases"},
	{Skewed, "each party writes a log of its own (source), and the clock of the first one is N seconds behind"},
}

// spoil does a fault to the events of a case, where they are enough, and says what it did. What belongs to another case then is returned, too.
func (f Fault) spoil(list []Entry, next string, rng *rand.Rand) (spoilt []Entry, said string) {
	if len(list) < 2 {
		return list, ""
	}
	k := rng.IntN(len(list) - 1)
	said = string(f) + " " + list[k].Step
	switch f {
	case Lost:
		list = slices.Delete(list, k, k+1)
	case Doubled:
		list = slices.Insert(list, k, list[k])
	case Swapped:
		said += " and " + list[k+1].Step
		list[k].Time, list[k+1].Time = list[k+1].Time, list[k].Time
		list[k], list[k+1] = list[k+1], list[k]
	case Misfiled:
		said += " to " + next
		list[k].Case = next
	}
	return list, said
}

// skew has each party write a log of its own, the first one by a clock that is behind.
func skew(all []Entry, by time.Duration) []Told {
	if len(all) == 0 {
		return nil
	}
	late := all[0].by
	for i := range all {
		e := &all[i]
		if e.Source = e.by; e.by == late {
			e.at = e.at.Add(-by)
			e.Time = e.at.Format(time.RFC3339)
		}
	}
	return []Told{{"the clock of " + late, fmt.Sprintf("is %s behind", strings.TrimSuffix(by.String(), "0s"))}}
}
