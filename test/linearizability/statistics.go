package linearizability

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"omarty.net/registry/domain"
)

// Statistics says in some lines what calls were, and what they were answered.
func Statistics(calls []Call, kept Kept) string {
	operations, kinds, codes := map[string]bool{}, map[string]int{}, map[string]int{}
	unknown, done, replayed, lost, late := 0, 0, 0, map[string]bool{}, 0
	inLedger := map[string]bool{}
	for _, e := range kept.Entries {
		inLedger[e.RequestID] = true
	}
	for _, c := range calls {
		operations[c.Key] = true
		kinds[string(c.Kind)]++
		switch {
		case c.Unknown:
			unknown++
			lost[c.Key] = true
		case c.Answer.Code != "":
			if c.writes() && !c.Reuse && inLedger[c.Key] {
				late++
			}
			for _, code := range c.codes() {
				codes[string(code)]++
			}
		case c.writes() && c.did():
			done++
			if c.Answer.Applied.Replayed {
				replayed++
			}
		}
	}
	for _, c := range calls {
		if !c.Unknown {
			delete(lost, c.Key)
		}
	}
	open := 0
	for key := range lost {
		if inLedger[key] {
			open++
		}
	}
	return fmt.Sprintf("%d operations in %d calls (%s)\n%d answered as done, of which %d replayed; %d unknown; %d operations given up, of which %d were done; %d refused, and done by an asking before\n"+
		"%d entries in the ledger\nrefused: %s", len(operations), len(calls), counts(kinds), done, replayed, unknown, len(lost), open, late, len(kept.Entries), counts(codes))
}

// codes are those that a call was refused with.
func (c Call) codes() []domain.Code {
	if len(c.Answer.Refused) == 0 {
		return []domain.Code{c.Answer.Code}
	}
	var codes []domain.Code
	for _, r := range c.Answer.Refused {
		codes = append(codes, r.Code)
	}
	return codes
}

func counts(of map[string]int) string {
	var texts []string
	for _, what := range slices.Sorted(maps.Keys(of)) {
		texts = append(texts, fmt.Sprintf("%s %d", what, of[what]))
	}
	return strings.Join(texts, ", ")
}
