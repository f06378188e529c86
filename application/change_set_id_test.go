package application_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// The time, and the text that its id begins with, are the example of RFC 9562, appendix A.6.
func TestUUIDv7Layout(t *testing.T) {
	clock := func() time.Time { return time.Date(2022, 2, 22, 14, 22, 22, 999_999, time.FixedZone("", -5*60*60)) }
	draw := application.UUIDv7(clock)
	var ones, zeros domain.ChangeSetID // the bits that were ever 1, and those that were ever 0
	seen := map[domain.ChangeSetID]bool{}
	const draws = 1000
	for range draws {
		id := draw()
		if text := id.String(); !strings.HasPrefix(text, "017f22e2-79b0-7") || !strings.Contains("89ab", text[19:20]) {
			t.Fatalf("%s is not a UUID of version 7 of that time", text)
		}
		seen[id] = true
		for i, b := range id {
			ones[i] |= b
			zeros[i] |= ^b
		}
	}
	if len(seen) != draws {
		t.Errorf("%d ids in %d draws", len(seen), draws)
	}
	// What is neither time, version nor variant is random: after so many draws each of these bits has been both.
	random := domain.ChangeSetID{6: 0x0f, 7: 0xff, 8: 0x3f, 9: 0xff, 10: 0xff, 11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff}
	for i := range random {
		if both := ones[i] & zeros[i]; both != random[i] {
			t.Errorf("byte %d: bits %08b vary, want %08b", i, both, random[i])
		}
	}
}

func TestUUIDv7OfALaterMillisecondSortsLater(t *testing.T) {
	now := time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)
	draw := application.UUIDv7(func() time.Time { now = now.Add(time.Millisecond); return now })
	last := draw()
	for range 70_000 { // beyond what two bytes count
		id := draw()
		if bytes.Compare(last[:], id[:]) >= 0 {
			t.Fatalf("%s was drawn before %s", last, id)
		}
		last = id
	}
}

// The ids of keys are kept in registers: they must never change. These were computed by Python's
// uuid.uuid5(uuid.UUID("6f6d6172-7479-4e8b-9d31-7265676b6579"), user + "\0" + key).
func TestChangeSetIDsOfKeys(t *testing.T) {
	for _, c := range []struct {
		user domain.UserID
		key  string
		want string
	}{
		{7, "order-1", "4f9b85fd-e693-542c-b85a-797801650585"},
		{1, "2k", "e20e6adb-1a45-5118-8ce8-125caf7c5d6d"},
		{12, "k", "7996e169-750e-591b-b7c1-fc7054db1cae"},
		{9223372036854775807, strings.Repeat("~", 255), "002b213f-d83d-508a-ba76-a7ef2f29c827"},
	} {
		store := newStore(t, application.Register{
			Blocks:      rows(block(4, "Block 4", domain.BlockActive)),
			Memberships: rows(membership(c.user, 4, 0, manager, active)),
		})
		in := place(c.user, 4, 1, 1)
		in.Key = must(application.NewIdempotencyKey(c.key))
		wantOutcome(t, store, in, registered)
		if got := store.LedgerEntries()[0].ChangeSet.String(); got != c.want {
			t.Errorf("user %d, key %s: %s, want %s", c.user, c.key, got, c.want)
		}
	}
}
