package httpapi

import (
	"net/http"

	"omarty.net/registry/domain"
)

// Outcome is how a request can end, as Options.Ended gets it.
type Outcome struct {
	Endpoint string
	Status   int
	Code     domain.Code
}

// ProbeOutcomes returns every outcome of probes, in no order, so that metrics of them can begin at 0. Each surface has such a
// function for its own.
func ProbeOutcomes() []Outcome {
	all := []Outcome{{readyPath, http.StatusServiceUnavailable, NotReady}}
	for _, endpoint := range []string{healthPath, readyPath} {
		all = append(all, Outcome{endpoint, http.StatusOK, "ok"}, Outcome{endpoint, http.StatusInternalServerError, Internal})
	}
	return all
}
