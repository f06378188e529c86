package telemetry

import "github.com/prometheus/client_golang/prometheus"

// KeyReload is the outcome of reading the keys that check tokens again.
type KeyReload string

// The outcomes of a reload. One that failed kept the previous keys of at least one source.
const (
	KeysReplaced  KeyReload = "replaced"
	KeysUnchanged KeyReload = "unchanged"
	KeysFailed    KeyReload = "failed"
)

// Keys are the metrics of the keys that check tokens.
type Keys struct {
	reloads *prometheus.CounterVec
	success prometheus.Gauge
	inForce prometheus.Gauge
}

// WatchKeys adds the metrics of the keys. It is called once.
func (m *Metrics) WatchKeys() *Keys {
	k := &Keys{
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "omarty_key_reloads_total",
			Help: "How often the keys were read again, by outcome.",
		}, []string{"outcome"}),
		success: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "omarty_key_last_reload_success_timestamp_seconds",
			Help: "When all keys could last be read, in seconds since 1970.",
		}),
		inForce: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "omarty_keys",
			Help: "Keys that tokens are checked with. Without one, every token is refused.",
		}),
	}
	for _, outcome := range []KeyReload{KeysReplaced, KeysUnchanged, KeysFailed} {
		k.reloads.WithLabelValues(string(outcome))
	}
	m.registry.MustRegister(k.reloads, k.success, k.inForce)
	return k
}

// Reloaded counts a reload, and sets how many keys are in force after it.
func (k *Keys) Reloaded(outcome KeyReload, keys int) {
	k.reloads.WithLabelValues(string(outcome)).Inc()
	k.inForce.Set(float64(keys))
	if outcome != KeysFailed {
		k.success.SetToCurrentTime()
	}
}
