package trail

import (
	"fmt"
	"strconv"
	"strings"
)

// Demands are what a verifier demands besides, as the flags of these names have it; "" demands nothing.
type Demands struct {
	Trail  string `json:"trail"`   // the ID that is expected
	Known  string `json:"known"`   // a head that is known, as `vauban trail head` prints it
	Salt   string `json:"salt"`    // of a sealed document
	MaxAge string `json:"max_age"` // such as 30d
}

// Ask adds what is demanded.
func (in *Input) Ask(d Demands) (err error) {
	if in.Trail = d.Trail; d.Trail != "" {
		if _, err := ParseID(d.Trail); err != nil {
			return fmt.Errorf("--trail: %w", err)
		}
	}
	if d.Known != "" {
		if in.Known, err = parseKnown(d.Known); err != nil {
			return err
		}
	}
	if in.Salt = d.Salt; d.Salt != "" && (!IsSalt(d.Salt) || in.Document == nil) {
		return fmt.Errorf("--salt is %q, expected 64 hexadecimal digits as `vauban trail open` prints them, and the document with --document", d.Salt)
	}
	if d.MaxAge != "" {
		days, found := strings.CutSuffix(d.MaxAge, "d")
		if in.MaxAge, err = strconv.Atoi(days); err != nil || !found || in.MaxAge < 1 {
			return fmt.Errorf("--max-age is %q, expected a number of days such as 30d", d.MaxAge)
		}
	}
	return nil
}

// parseKnown reads NUMBER:SHA256, as `vauban trail head` prints it.
func parseKnown(text string) (*Head, error) {
	number, sum, _ := strings.Cut(text, ":")
	n, err := strconv.ParseUint(number, 10, 32)
	if _, wrong := ParseID(sum); wrong != nil || err != nil || n == 0 {
		return nil, fmt.Errorf("--known is %q, expected NUMBER:SHA256, as `vauban trail head` prints it", text)
	}
	return &Head{Number: uint32(n), SHA256: sum}, nil
}
