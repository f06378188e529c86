package domain

import "time"

// LedgerEntry is one change as the ledger keeps it. Entries are never changed or deleted.
type LedgerEntry struct {
	Block    BlockID
	Sequence Sequence
	// ChangeSet and Position say which change of which set it was, from 0.
	ChangeSet ChangeSetID
	Position  int
	Kind      ChangeKind
	Apartment ApartmentID
	// Before is the zero State where the apartment was not there. Both are where a former version of the register, which did
	// not keep them, has logged an apartment that is gone.
	Before, After State
	Origin        Origin
	// Asked is the digest of what the set asked for, zero where the entry tells it.
	Asked Digest
}

// tells reports whether a lone change, asked for again, is the one that the entry keeps.
func (e LedgerEntry) tells(c Change) bool {
	return e.Kind == c.kind &&
		(c.apartment == 0 || c.apartment == e.Apartment) &&
		(!c.floor.given || c.floor == e.After.floor) &&
		(c.number.n == 0 || c.number == e.After.number)
}

// Entries returns what the ledger keeps of a change set that was applied: one entry for each change that changed something, in
// their order.
func (a Applied) Entries(s ChangeSet) []LedgerEntry {
	var entries []LedgerEntry
	for i, c := range a.Changes {
		if c.Outcome != Done {
			continue
		}
		e := LedgerEntry{
			Block: s.spec.Block, Sequence: c.Sequence, ChangeSet: s.spec.ID, Position: i, Kind: c.Kind, Apartment: c.Apartment.id,
			Before: c.Before, After: c.Apartment.state, Origin: s.spec.Origin,
		}
		if len(entries) == 0 {
			e.Asked = s.asked
		}
		entries = append(entries, e)
	}
	return entries
}

// Registered returns what came of a change set that RegistersOne, once a store keeps the apartment under an id.
func (s ChangeSet) Registered(id ApartmentID, sequence Sequence) Applied {
	c, origin := s.spec.Changes[0], s.spec.Origin
	a := Apartment{
		id: id, block: s.spec.Block, state: State{c.floor, c.number, ApartmentRegistered},
		registeredBy: origin.By, registeredAt: origin.At, version: sequence,
	}
	return Applied{Version: sequence, Changes: []AppliedChange{{Kind: ChangeRegister, Apartment: a, Sequence: sequence, Outcome: Done}}}
}

// AppliedBy returns what a change set did, by its entries in their order, without the changes that changed nothing. Kept are the
// apartments that the entries name, as they are now.
func AppliedBy(entries []LedgerEntry, kept []Apartment) Applied {
	var applied Applied
	now := byID(kept)
	for _, e := range entries {
		a := now[e.Apartment]
		a.id, a.block, a.state, a.version, a.changedAt = e.Apartment, e.Block, e.After, e.Sequence, e.Origin.At
		if e.Before.IsZero() {
			a.registeredBy, a.registeredAt, a.changedAt = e.Origin.By, e.Origin.At, time.Time{}
		}
		applied.Version = e.Sequence
		applied.Changes = append(applied.Changes, AppliedChange{Kind: e.Kind, Apartment: a, Before: e.Before, Sequence: e.Sequence, Outcome: Done})
	}
	return applied
}

// Replay returns what came of a change set that the ledger has: the first answer again. Kept are the apartments that the entries
// name, that the set names and that have the numbers that it gives, as they are now. The ledger has no entry of a change that
// changed nothing: where its apartment has changed since, its id alone is told, or of a registration its place.
// Replay returns KeyReused where something else was asked for under the set's id.
func (s ChangeSet) Replay(entries []LedgerEntry, kept []Apartment) (Applied, error) {
	if err := s.AskedAgain(entries); err != nil {
		return Applied{}, err
	}
	done := AppliedBy(entries, kept)
	done.Replayed = true
	if len(entries) >= len(s.spec.Changes) {
		return done, nil
	}
	made, then := map[int]AppliedChange{}, map[ApartmentID]Apartment{}
	places := map[State]Apartment{}
	for _, a := range kept {
		if a.version < entries[0].Sequence { // neither the set nor anyone since has changed it
			then[a.id], places[a.state] = a, a
		}
	}
	for i, e := range entries {
		made[e.Position] = done.Changes[i]
		if _, seen := then[e.Apartment]; !seen {
			then[e.Apartment] = Apartment{id: e.Apartment, block: e.Block, state: e.Before}
		}
	}
	done.Changes = make([]AppliedChange, len(s.spec.Changes))
	for i, c := range s.spec.Changes {
		if change, ok := made[i]; ok {
			done.Changes[i], then[change.Apartment.id] = change, change.Apartment
			continue
		}
		a, known := then[c.apartment]
		if c.kind == ChangeRegister {
			place := State{c.floor, c.number, ApartmentRegistered}
			if a, known = places[place]; !known {
				a, known = Apartment{block: s.spec.Block, state: place}, true
			}
		}
		if !known {
			a = Apartment{id: c.apartment, block: s.spec.Block}
		}
		done.Changes[i] = AppliedChange{Kind: c.kind, Apartment: a, Before: a.state, Outcome: Unchanged}
	}
	return done, nil
}

func byID(apartments []Apartment) map[ApartmentID]Apartment {
	m := make(map[ApartmentID]Apartment, len(apartments))
	for _, a := range apartments {
		m[a.id] = a
	}
	return m
}
