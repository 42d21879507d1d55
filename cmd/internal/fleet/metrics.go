package fleet

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Metrics serves what a worker has done at /metrics, in the text format of Prometheus. A port alone is one of the loopback interface.
func (w *Worker) Metrics(addr string) (at string, close func(), err error) {
	if _, err := strconv.Atoi(addr); err == nil {
		addr = ":" + addr
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", nil, fmt.Errorf("%q is no address: use a port, such as 9464, or HOST:PORT", addr)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.write(out)
	})
	s := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second, WriteTimeout: 5 * time.Second, MaxHeaderBytes: 1 << 12}
	go func() { _ = s.Serve(l) }()
	return l.Addr().String(), func() { _ = s.Close() }, nil
}

func (w *Worker) write(out io.Writer) {
	c := &w.Counts
	say := func(name, kind, help string, value any) {
		fmt.Fprintf(out, "# HELP vauban_worker_%s %s\n# TYPE vauban_worker_%s %s\nvauban_worker_%s %v\n", name, help, name, kind, name, value)
	}
	connected := 0
	if w.nc.IsConnected() {
		connected = 1
	}
	say("connected", "gauge", "1 if the server is there.", connected)
	say("slots", "gauge", "Questions that can be answered at a time.", w.Slots)
	say("running", "gauge", "Questions that are being answered.", c.Running.Load())
	say("answered_total", "counter", "Questions that were answered.", c.Answered.Load())
	say("refused_total", "counter", "Questions that were no questions, or that an engine failed on.", c.Refused.Load())
	say("cancelled_total", "counter", "Questions that were given up because nobody waited any longer, or the worker was told to stop.", c.Cancelled.Load())
	say("redelivered_total", "counter", "Questions that were given out before, to a worker that did not answer.", c.Again.Load())
	say("given_up_total", "counter", "Questions that were given out too often without an answer.", c.GivenUp.Load())
	say("work_seconds_total", "counter", "Time spent on questions.", time.Duration(c.Work.Load()).Seconds())
	say("reconnects_total", "counter", "How often the server was gone.", w.nc.Stats().Reconnects)
}
