package e2e_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"omarty.net/registry/test/databases"
)

// backend is one place behind the balancer, where a server runs, or none at the moment.
type backend struct {
	address atomic.Pointer[url.URL]
	ready   atomic.Bool
	// answered counts the requests that the server there has answered since it came up.
	answered atomic.Int64
}

// put says that another server runs there from now on.
func (b *backend) put(t *testing.T, server *process) {
	t.Helper()
	address, err := url.Parse(server.url(t))
	if err != nil {
		t.Fatal(err)
	}
	b.ready.Store(false)
	b.answered.Store(0)
	b.address.Store(address)
}

// look asks the server whether it is ready.
func (b *backend) look(ctx context.Context) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.address.Load().String()+"/readyz", nil)
	if err != nil {
		return
	}
	response, err := http.DefaultClient.Do(r)
	if err == nil {
		_ = response.Body.Close()
	}
	b.ready.Store(err == nil && response.StatusCode == http.StatusOK)
}

// balancer gives each request to the next backend that is ready, as it last heard.
type balancer struct {
	backends []*backend
	next     atomic.Int64
}

type chosen struct{}

// choose returns the next backend that is ready, or else the next.
func (b *balancer) choose() *backend {
	turn := int(b.next.Add(1))
	for i := range b.backends {
		if backend := b.backends[(turn+i)%len(b.backends)]; backend.ready.Load() {
			return backend
		}
	}
	return b.backends[turn%len(b.backends)]
}

// start returns where the balancer listens. It asks the backends how they are as often as real ones are told to in haste.
func (b *balancer) start(t *testing.T) (address string) {
	t.Helper()
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(r.In.Context().Value(chosen{}).(*backend).address.Load())
		},
		ModifyResponse: func(r *http.Response) error {
			r.Request.Context().Value(chosen{}).(*backend).answered.Add(1)
			return nil
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), chosen{}, b.choose())))
	}))
	ctx, cancel := context.WithCancel(t.Context())
	var looking sync.WaitGroup
	looking.Go(func() {
		for every := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-every.C:
				for _, backend := range b.backends {
					backend.look(ctx)
				}
			case <-ctx.Done():
				every.Stop()
				return
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		looking.Wait()
		front.Close()
	})
	return front.URL
}

// await returns when the server of a backend has answered so many requests.
func (b *backend) await(t *testing.T, requests int64, asked <-chan struct{}) {
	t.Helper()
	late := time.After(patience)
	for b.answered.Load() < requests {
		select {
		case <-asked:
		case <-late:
			t.Fatalf("a server has answered %d requests", b.answered.Load())
		}
	}
}

// Two servers behind a balancer are restarted in turn, under load: no client that asks a second time, with the same key,
// notices.
func TestProgramRollingRestart(t *testing.T) {
	t.Parallel() // it waits for servers that drain
	database := databases.MariaDB.NewDatabase(t)
	p := newPlace(t, "OMARTY_DATABASE_URL="+database, "OMARTY_HTTP_SHUTDOWN_DELAY=1s")
	p.write(t, "register.yaml", fixture(t))
	p.run(t, "import", "register.yaml").wantExit(t, 0)
	b := &balancer{}
	var servers []*process
	for range 2 {
		server := p.serve(t)
		servers = append(servers, server)
		b.backends = append(b.backends, &backend{})
		b.backends[len(b.backends)-1].put(t, server)
	}
	for _, each := range b.backends {
		each.look(t.Context())
	}
	c := &clients{service: service{url: b.start(t)}, asked: make(chan struct{}, 1), over: make(chan struct{})}
	c.start(t, 8)
	for i, each := range b.backends {
		each.await(t, 20, c.asked)
		servers[i].signal(t, syscall.SIGTERM)
		servers[i].wantExit(t, 0, "msg=stopped")
		servers[i] = p.serve(t)
		each.put(t, servers[i])
		each.await(t, 20, c.asked)
	}
	close(c.over)
	c.work.Wait()
	t.Logf("%d requests, of which %d were asked a second time", c.last.Load(), c.again.Load())

	kept := map[int]bool{}
	rows := rowsOf(t, database)
	for _, a := range rows.Apartments {
		if a.RegisteredBy != nil {
			kept[a.Number] = true
		}
	}
	if asked := int(c.last.Load()); len(kept) != asked || len(rows.Logs) != asked {
		t.Errorf("%d requests were answered as registered, %d apartments and %d log rows are kept", asked, len(kept), len(rows.Logs))
	}
	for number := 1001; number <= 1000+int(c.last.Load()); number++ {
		if !kept[number] {
			t.Errorf("number %d is lost", number)
		}
	}
	for _, server := range servers {
		server.stop(t)
	}
}

// clients register apartments, each with a number of its own, until it is over.
type clients struct {
	service
	last, again atomic.Int64
	asked       chan struct{} // told of each answer, if anyone listens
	over        chan struct{}
	work        sync.WaitGroup
}

func (c *clients) start(t *testing.T, clients int) {
	t.Cleanup(c.work.Wait)
	for range clients {
		c.work.Go(func() {
			for {
				select {
				case <-c.over:
					return
				case <-t.Context().Done():
					return
				default:
				}
				c.register(t, 1000+int(c.last.Add(1)))
				select {
				case c.asked <- struct{}{}:
				default:
				}
			}
		})
	}
}

// register asks, and once more where there was no good answer.
func (c *clients) register(t *testing.T, number int) {
	var body string
	var err error
	for try := range 2 {
		r := c.request(t.Context(), t, 7, fmt.Sprintf("api=CreateApartment&floorNum=1&aptNum=%d&blockId=4", number))
		r.Header.Set("Idempotency-Key", fmt.Sprintf("apartment-%d", number))
		if body, err = roundTrip(http.DefaultTransport, r); err == nil && body == registered {
			c.again.Add(int64(try))
			return
		}
	}
	if t.Context().Err() == nil {
		t.Errorf("number %d, asked twice: %q, %v", number, body, err)
	}
}
