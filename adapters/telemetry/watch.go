package telemetry

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ExpectRequests creates a series of requests with the value 0. Prometheus sees no increase where a series begins at 1.
func (m *Metrics) ExpectRequests(endpoint string, status int, code string) {
	m.requests.WithLabelValues(endpoint, strconv.Itoa(status), code)
	m.duration.WithLabelValues(endpoint)
}

// readyTimeout bounds how long a scrape waits for readiness.
const readyTimeout = 2 * time.Second

// WatchReadiness adds whether requests can be answered, checked at each scrape. Like each Watch method, it is called once.
func (m *Metrics) WatchReadiness(check func(context.Context) error) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "omarty_ready",
		Help: "Whether /readyz says that requests can be answered: 1 or 0.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
		defer cancel()
		if check(ctx) != nil {
			return 0
		}
		return 1
	}))
}

// WatchDisk adds the size of the file system that a folder is on, and how much of it is free. Both are missing where the
// system does not report them.
func (m *Metrics) WatchDisk(folder string) {
	m.registry.MustRegister(&disk{
		folder: folder,
		free: prometheus.NewDesc("omarty_database_disk_free_bytes",
			"What the program may still write to the file system of the SQLite file.", nil, nil),
		size: prometheus.NewDesc("omarty_database_disk_size_bytes",
			"The size of the file system of the SQLite file.", nil, nil),
	})
}

// disk reads the space at each scrape.
type disk struct {
	folder     string
	free, size *prometheus.Desc
}

func (d *disk) Describe(to chan<- *prometheus.Desc) { to <- d.free; to <- d.size }

func (d *disk) Collect(to chan<- prometheus.Metric) {
	free, size, err := space(d.folder)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(d.free, prometheus.GaugeValue, float64(free))
	to <- prometheus.MustNewConstMetric(d.size, prometheus.GaugeValue, float64(size))
}

// WatchBackups adds when the newest file of a folder was last written, by any program. It is 0 where there is no file, or
// none that can be read, so that an alert on its age fires then too.
func (m *Metrics) WatchBackups(folder string) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "omarty_last_backup_timestamp_seconds",
		Help: "When the newest file of admin.backup_folder was written, in seconds since 1970; 0 where there is none.",
	}, func() float64 { return float64(newest(folder)) }))
}

// newest returns when the newest of a folder's regular files with content was written, 0 where there is none.
func newest(folder string) (seconds int64) {
	entries, _ := os.ReadDir(folder) // the entries that could be read count
	for _, entry := range entries {
		info, err := os.Stat(filepath.Join(folder, entry.Name()))
		if err == nil && info.Mode().IsRegular() && info.Size() > 0 {
			seconds = max(seconds, info.ModTime().Unix())
		}
	}
	return seconds
}
