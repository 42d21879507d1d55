package fleet

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
)

// How the body of a message, which follows its first byte, is to be read.
const (
	plainBody   = iota
	packedBody  // by flate
	storedBody  // it is the name of an object, whose bytes are a message
	refusedBody // it says why there is no answer
)

const (
	maxBody = 1 << 27 // of what is unpacked; as much as a question or an answer may have
	small   = 1 << 12 // what is not worth packing
	spare   = 1 << 12 // of what a message may have: its subject and headers
)

// errRefused says that there is no answer, and why.
type errRefused struct{ why string }

func (e errRefused) Error() string { return e.why }

// pack makes a message of bytes.
func pack(data []byte) []byte {
	if len(data) < small {
		return append([]byte{plainBody}, data...)
	}
	var b bytes.Buffer
	b.WriteByte(packedBody)
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil { // a buffer takes everything
		panic("vauban: internal error: " + err.Error())
	}
	return b.Bytes()
}

// message makes a message that is small enough of bytes; what is too large for one goes to the object store.
func (c *Conn) message(ctx context.Context, name string, data []byte) ([]byte, error) {
	body := pack(data)
	if int64(len(body)) <= c.nc.MaxPayload()-spare {
		return body, nil
	}
	store, err := c.js.ObjectStore(ctx, objects)
	if err != nil {
		return nil, err
	}
	if _, err := store.PutBytes(ctx, name, body); err != nil {
		return nil, err
	}
	return append([]byte{storedBody}, name...), nil
}

// body reads a message, which may be anybody's.
func (c *Conn) body(ctx context.Context, message []byte) ([]byte, error) {
	if len(message) > 0 && message[0] == storedBody {
		store, err := c.js.ObjectStore(ctx, objects)
		if err != nil {
			return nil, err
		}
		stored, err := store.Get(ctx, string(message[1:]))
		if err != nil {
			return nil, err
		}
		defer stored.Close()
		if message, err = io.ReadAll(io.LimitReader(stored, maxBody+2)); err != nil {
			return nil, err
		}
		if len(message) > 0 && message[0] == storedBody {
			return nil, errors.New("an object names an object")
		}
	}
	return unpack(message)
}

func unpack(message []byte) ([]byte, error) {
	if len(message) == 0 || len(message) > maxBody+1 {
		return nil, fmt.Errorf("a message of %d bytes", len(message))
	}
	switch message[0] {
	case plainBody:
		return message[1:], nil
	case packedBody:
		r := flate.NewReader(bytes.NewReader(message[1:]))
		data, err := io.ReadAll(io.LimitReader(r, maxBody+1))
		if err == nil && len(data) > maxBody {
			err = errors.New("a message unpacks to more than the limit")
		}
		return data, err
	case refusedBody:
		return nil, errRefused{string(message[1:min(len(message), 200)])}
	}
	return nil, errors.New("a message of another form")
}

// forget drops what lies in the object store for a question.
func (c *Conn) forget(ctx context.Context, message []byte) {
	if len(message) > 0 && message[0] == storedBody {
		if store, err := c.js.ObjectStore(ctx, objects); err == nil {
			_ = store.Delete(ctx, string(message[1:])) // it ages
		}
	}
}
