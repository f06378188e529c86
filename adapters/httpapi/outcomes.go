package httpapi

// Outcome is how a request can end, as Options.Ended gets it.
type Outcome struct {
	Endpoint string
	Status   int
	Code     string
}

// Outcomes returns every outcome that alerts may need, in no order: each code of each endpoint, so that metrics of them can
// begin at 0.
func Outcomes() []Outcome {
	var all []Outcome
	for _, endpoint := range createPaths {
		all = append(all, Outcome{endpoint, 200, "ok"})
		for code, a := range answers {
			if code != notFound && code != notReady && code != probeMethod {
				all = append(all, Outcome{endpoint, a.status, string(code)})
			}
		}
	}
	for _, endpoint := range []string{healthPath, readyPath} {
		all = append(all, Outcome{endpoint, 200, "ok"}, Outcome{endpoint, answers[internal].status, string(internal)})
	}
	return append(all, Outcome{readyPath, answers[notReady].status, string(notReady)})
}
