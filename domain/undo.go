package domain

// Undo returns the changes that make apartments again what they were before a change set, by its entries in their order. Kept
// are the apartments that the entries name, as they are now. It returns an *UndoError where an apartment has changed since.
func Undo(entries []LedgerEntry, kept []Apartment) ([]Change, error) {
	now := byID(kept)
	first, last := map[ApartmentID]LedgerEntry{}, map[ApartmentID]LedgerEntry{}
	var order []ApartmentID
	for _, e := range entries {
		if _, seen := first[e.Apartment]; !seen {
			first[e.Apartment] = e
			order = append(order, e.Apartment)
		}
		last[e.Apartment] = e
	}
	var changes []Change
	var since UndoError
	for _, id := range order {
		a, there := now[id]
		if !there || a.version != last[id].Sequence {
			since.Changed = append(since.Changed, a.WithID(id))
			continue
		}
		changes = append(changes, toReach(first[id].Before, a)...)
	}
	if len(since.Changed) > 0 {
		return nil, &since
	}
	return changes, nil
}

// toReach returns the changes that bring an apartment into a state. The zero State, of an apartment that was not there, is
// reached by retiring it.
func toReach(want State, a Apartment) []Change {
	var changes []Change
	change := Change{apartment: a.id, ifVersion: a.version}
	as := func(kind ChangeKind) Change {
		change.kind = kind
		return change
	}
	retired := a.state.status == ApartmentRetired
	retire := want.status != ApartmentRegistered
	moved := !want.IsZero() && (want.floor != a.state.floor || want.number != a.state.number)
	if retired && (!retire || moved) {
		changes = append(changes, as(ChangeRestore))
		retired = false
	}
	if moved {
		correct := as(ChangeCorrect)
		correct.floor, correct.number = want.floor, want.number
		changes = append(changes, correct)
	}
	if retire && !retired {
		changes = append(changes, as(ChangeRetire))
	}
	return changes
}

// UndoDigest returns the digest of a change set that undoes another.
func UndoDigest(undone ChangeSetID) Digest { return digest(ChangeSetSpec{Undoes: undone}) }
