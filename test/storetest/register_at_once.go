package storetest

import (
	"context"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// registerAtOncePromises are those of application.Registrar to many callers at a time.
var registerAtOncePromises = []promise{
	{"of many registrations of a number, one succeeds", atOnceOneNumber},
	{"of many registrations under one id, one is written", atOnceOneID},
	{"of many registrations under one id for many places, one is written", atOnceOneIDManyPlaces},
	{"of two registrations that are asked for many times, one succeeds", atOnceTwoRetried},
	{"registrations of different numbers all succeed", atOnceManyNumbers},
	{"a caller who goes leaves both rows or neither", atOnceGone},
}

const callers = 50

func atOnceOneNumber(t *testing.T, s Subject) {
	update(t, s, town())
	asked := func(i int) domain.Registration {
		return ask{id: id(1 + i), user: domain.UserID(1 + i), floor: int64(i), number: 2}.registration()
	}
	answers := atOnce(callers, func(i int) answer { return register(t.Context(), s, asked(i)) })
	wantAnswers(t, answers, map[answer]int{{application.Registered, nil}: 1, {0, domain.NumberTaken}: callers - 1})
	for i, a := range answers {
		if a.err == nil {
			wantRegistrations(t, s, asked(i))
		}
	}
}

func atOnceOneID(t *testing.T, s Subject) {
	update(t, s, town())
	r := ask{id: id(1), floor: 1, number: 2, through: 101}.registration()
	answers := atOnce(callers, func(int) answer { return register(t.Context(), s, r) })
	wantAnswers(t, answers, map[answer]int{{application.Registered, nil}: 1, {application.Replayed, nil}: callers - 1})
	wantRegistrations(t, s, r)
}

func atOnceOneIDManyPlaces(t *testing.T, s Subject) {
	update(t, s, town())
	asked := func(i int) domain.Registration { return ask{id: id(1), number: int64(1 + i)}.registration() }
	answers := atOnce(callers, func(i int) answer { return register(t.Context(), s, asked(i)) })
	wantAnswers(t, answers, map[answer]int{{application.Registered, nil}: 1, {0, domain.KeyReused}: callers - 1})
	for i, a := range answers {
		if a.err == nil {
			wantRegistrations(t, s, asked(i))
		}
	}
}

func atOnceTwoRetried(t *testing.T, s Subject) {
	update(t, s, town())
	asked := func(i int) domain.Registration { return ask{id: id(1 + i%2), number: 2}.registration() }
	answers := atOnce(callers, func(i int) answer { return register(t.Context(), s, asked(i)) })
	wantAnswers(t, answers, map[answer]int{
		{application.Registered, nil}: 1, {application.Replayed, nil}: callers/2 - 1, {0, domain.NumberTaken}: callers / 2,
	})
	for i, a := range answers {
		if a.outcome == application.Registered {
			wantRegistrations(t, s, asked(i))
		}
	}
}

func atOnceManyNumbers(t *testing.T, s Subject) {
	update(t, s, town())
	var all []domain.Registration
	for i := range callers {
		all = append(all, ask{id: id(1 + i), block: domain.BlockID(4 + i%3), number: int64(1 + i)}.registration())
	}
	answers := atOnce(callers, func(i int) answer { return register(t.Context(), s, all[i]) })
	wantAnswers(t, answers, map[answer]int{{application.Registered, nil}: callers})
	wantRegistrations(t, s, all...)
}

// Each second caller goes while the store is at work. What became of those is told by asking again under the same id.
func atOnceGone(t *testing.T, s Subject) {
	update(t, s, town())
	var all []domain.Registration
	for i := range callers {
		all = append(all, ask{id: id(1 + i), number: int64(1 + i)}.registration())
	}
	answers := atOnce(2*callers, func(i int) answer {
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		if i%2 == 0 {
			go leave()
		}
		return register(ctx, s, all[i/2])
	})
	for i, r := range all {
		again := register(t.Context(), s, r)
		if again.err != nil {
			t.Errorf("registration %s, asked again: %v", r.ID(), again.err)
		}
		// A caller who was told that it is registered was told the truth.
		for _, told := range answers[2*i : 2*i+2] {
			if told.err == nil && again.outcome != application.Replayed {
				t.Errorf("registration %s was answered with outcome %d, and is new when asked again", r.ID(), told.outcome)
			}
		}
	}
	wantRegistrations(t, s, all...)
}
