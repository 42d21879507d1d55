package canonical

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDepth bounds how deep JSON documents may nest that others have written in their own way.
const maxDepth = 16

// Names goes through a JSON document in any layout. It refuses one in which an object has a name twice, which another reader may take otherwise, one that nests too deep, and one that something follows. Each
// name is shown to check, unless that is nil.
func Names(data []byte, check func(name string) error) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if err := names(d, 0, check); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the document")
	}
	return nil
}

func names(d *json.Decoder, depth int, check func(string) error) error {
	if depth > maxDepth {
		return errors.New("it nests too deep")
	}
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			text, _ := name.(string)
			if check != nil {
				if err := check(text); err != nil {
					return err
				}
			}
			if seen[text] {
				return fmt.Errorf("the field %q appears twice", text)
			}
			seen[text] = true
		}
		if err := names(d, depth+1, check); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
