package main

import (
	"path/filepath"
	"slices"
	"strings"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/legacy"
	"omarty.net/registry/adapters/httpapi/rest"
	"omarty.net/registry/configs"
)

// watch adds to the metrics of a service what is known once it is made: the answers to expect, whether it is ready, the
// disk of its SQLite file and its backups.
func watch(s *service, c configs.Config) {
	for _, o := range slices.Concat(httpapi.ProbeOutcomes(), legacy.Outcomes(), rest.Outcomes()) {
		s.metrics.ExpectRequests(o.Endpoint, o.Status, string(o.Code))
	}
	s.metrics.WatchReadiness(s.ready.check)
	if path, inFile := strings.CutPrefix(c.Database.URL.Reveal(), "sqlite://"); inFile {
		s.metrics.WatchDisk(filepath.Dir(path))
	}
	if c.Admin.BackupFolder != "" {
		s.metrics.WatchBackups(c.Admin.BackupFolder)
	}
}
