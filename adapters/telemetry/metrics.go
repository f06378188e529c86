package telemetry

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"omarty.net/registry/domain"
)

// Metrics are the metrics of one process. Use NewMetrics; it is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
	store    *prometheus.HistogramVec
	retries  prometheus.Counter
}

// latencies are the upper bounds of histogram buckets, in seconds: from a lookup in memory to a request's deadline.
var latencies = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// NewMetrics returns metrics that name the build by its version and commit. They include those of Go and the process.
func NewMetrics(version, commit string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "omarty_http_requests_total",
			Help: "Requests, by endpoint, status and the code of the answer.",
		}, []string{"endpoint", "status", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "omarty_http_request_duration_seconds", Buckets: latencies,
			Help: "How long requests took, by endpoint.",
		}, []string{"endpoint"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "omarty_http_requests_in_flight",
			Help: "Requests that are being answered.",
		}),
		store: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "omarty_store_duration_seconds", Buckets: latencies,
			Help: "How long the store took, retries and waiting for others included, by operation and outcome.",
		}, []string{"operation", "outcome"}),
		retries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "omarty_store_retries_total",
			Help: "Transactions that were tried again: a conflict, or a lost connection.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "omarty_build_info",
		Help:        "The build, as labels of a constant 1.",
		ConstLabels: prometheus.Labels{"version": version, "commit": commit},
	})
	build.Set(1)
	for _, operation := range operations {
		m.store.WithLabelValues(operation, string(ok))
		m.store.WithLabelValues(operation, string(domain.StoreUnavailable))
	}
	m.registry.MustRegister(m.requests, m.duration, m.inFlight, m.store, m.retries, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// RequestStarted counts a request as in flight.
func (m *Metrics) RequestStarted() { m.inFlight.Inc() }

// RequestEnded counts a request that was answered.
func (m *Metrics) RequestEnded(endpoint string, status int, code string, took time.Duration) {
	m.inFlight.Dec()
	m.requests.WithLabelValues(endpoint, strconv.Itoa(status), code).Inc()
	m.duration.WithLabelValues(endpoint).Observe(took.Seconds())
}

// Retried counts a retry of a transaction.
func (m *Metrics) Retried() { m.retries.Inc() }

// WatchPool adds the state of a database's connection pool, as go_sql_... with the name as a label.
func (m *Metrics) WatchPool(name string, pool *sql.DB) {
	m.registry.MustRegister(collectors.NewDBStatsCollector(pool, name))
}

// WatchLog adds how many log lines were not written: because their reader was too slow, or because they repeated others.
func (m *Metrics) WatchLog(dropped, leftOut func() int64) {
	for reason, count := range map[string]func() int64{"unread": dropped, "repeated": leftOut} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name:        "omarty_log_lines_dropped_total",
			Help:        "Lines of the log that were not written, by reason.",
			ConstLabels: prometheus.Labels{"reason": reason},
		}, func() float64 { return float64(count()) }))
	}
}

// stored counts a call of the store. One whose caller cancelled it, because the client is gone, is no failure of the store.
func (m *Metrics) stored(ctx context.Context, operation string, err error, took time.Duration) {
	outcome := string(codeOf(err))
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		outcome = "client_gone"
	}
	m.store.WithLabelValues(operation, outcome).Observe(took.Seconds())
}
