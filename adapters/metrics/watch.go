package metrics

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ExpectRequests makes a series of requests begin at 0. Prometheus sees no increase where a series begins at 1.
func (m *Metrics) ExpectRequests(endpoint string, status int, code string) {
	m.requests.WithLabelValues(endpoint, strconv.Itoa(status), code)
	m.duration.WithLabelValues(endpoint)
}

// readyPatience bounds what a scrape waits for readiness.
const readyPatience = 2 * time.Second

// WatchReadiness adds whether requests can be answered, asked at each scrape. It is called once, and so are the others
// of its kind.
func (m *Metrics) WatchReadiness(check func(context.Context) error) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "omarty_ready",
		Help: "Whether /readyz says that requests can be answered: 1 or 0.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), readyPatience)
		defer cancel()
		if check(ctx) != nil {
			return 0
		}
		return 1
	}))
}

// WatchDisk adds the size of the file system that a folder is on, and how much of it is free. They are missing where the
// system does not tell.
func (m *Metrics) WatchDisk(folder string) {
	m.registry.MustRegister(&disk{
		folder: folder,
		free: prometheus.NewDesc("omarty_database_disk_free_bytes",
			"What the program may still write to the file system of the SQLite file.", nil, nil),
		size: prometheus.NewDesc("omarty_database_disk_size_bytes",
			"The size of the file system of the SQLite file.", nil, nil),
	})
}

// disk asks for space at each scrape.
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

// WatchBackups adds when the newest file of a folder was last written, whoever wrote it. It is 0 where there is none that
// can be seen, so that the absence is as loud as an old one.
func (m *Metrics) WatchBackups(folder string) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "omarty_last_backup_timestamp_seconds",
		Help: "When the newest file of admin.backup_folder was written, in seconds since 1970; 0 where there is none.",
	}, func() float64 { return float64(newest(folder)) }))
}

// newest returns when the newest regular file of a folder that is not empty was written, 0 where there is none.
func newest(folder string) (seconds int64) {
	entries, _ := os.ReadDir(folder) // what can be read of it counts
	for _, entry := range entries {
		about, err := os.Stat(filepath.Join(folder, entry.Name()))
		if err == nil && about.Mode().IsRegular() && about.Size() > 0 {
			seconds = max(seconds, about.ModTime().Unix())
		}
	}
	return seconds
}
