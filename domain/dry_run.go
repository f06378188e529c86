package domain

// Planned returns what came of a set as a dry run tells it, of a block at a version: what was done would be, in no sequence,
// and an apartment that would be registered has no id.
func (a Applied) Planned(version Sequence) Applied {
	planned := Applied{Version: version, Changes: make([]AppliedChange, len(a.Changes))}
	for i, c := range a.Changes {
		if c.Outcome == Done {
			c.Outcome, c.Sequence = Planned, 0
		}
		if c.Before.IsZero() {
			c.Apartment = c.Apartment.WithID(0)
		}
		planned.Changes[i] = c
	}
	return planned
}
