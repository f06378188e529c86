package linearizability

import (
	"context"
	"errors"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// Execute has a use case do what an operation asks for.
func Execute(ctx context.Context, app *application.Application, o Operation) Answer {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	answer, err := ask(ctx, app, o)
	if err != nil {
		return refusal(err)
	}
	return answer
}

func ask(ctx context.Context, app *application.Application, o Operation) (Answer, error) {
	key, err := application.NewIdempotencyKey(o.Key)
	if err != nil {
		return Answer{}, err
	}
	caller := application.Caller{User: o.User, Key: key, RequestID: o.Key}
	if o.Kind.alone() {
		return askAlone(ctx, app, o, caller)
	}
	switch o.Kind {
	case Apply:
		in := application.ApplyChangeSetInput{Caller: caller, Block: o.Block, DryRun: o.DryRun}
		if o.IfVersion != 0 {
			in.IfVersion = &o.IfVersion
		}
		if in.Changes, err = o.domainChanges(); err != nil {
			return Answer{}, err
		}
		out, err := app.ApplyChangeSet.Apply(ctx, in)
		return Answer{ChangeSet: out.ID, Applied: ofApplied(out.Applied)}, err
	case Undo:
		out, err := app.UndoChangeSet.Undo(ctx, application.UndoChangeSetInput{Caller: caller, Block: o.Block, ChangeSet: o.Undoes, DryRun: o.DryRun})
		return Answer{ChangeSet: out.ID, Applied: ofApplied(out.Applied)}, err
	default:
		return read(ctx, app, o)
	}
}

func askAlone(ctx context.Context, app *application.Application, o Operation, caller application.Caller) (Answer, error) {
	c := o.Changes[0]
	floor, number, err := c.place()
	if err != nil {
		return Answer{}, err
	}
	var out application.ApartmentOutput
	switch o.Kind {
	case Create:
		out, err = app.CreateApartment.Create(ctx, application.CreateApartmentInput{
			User: o.User, Block: o.Block, Floor: floor, Number: number, Key: caller.Key, RequestID: o.Key,
		})
	case Correct:
		out, err = app.CorrectApartment.Correct(ctx, application.CorrectApartmentInput{
			Caller: caller, Block: o.Block, Apartment: c.Apartment, Floor: floor, Number: number, IfVersion: c.IfVersion,
		})
	case Retire:
		out, err = app.RetireApartment.Retire(ctx, application.RetireApartmentInput{Caller: caller, Block: o.Block, Apartment: c.Apartment, IfVersion: c.IfVersion})
	default:
		out, err = app.RestoreApartment.Restore(ctx, application.RestoreApartmentInput{Caller: caller, Block: o.Block, Apartment: c.Apartment, IfVersion: c.IfVersion})
	}
	return Answer{Applied: Applied{
		Replayed: out.Replayed, Changes: []AppliedChange{{Apartment: ofApartment(out.Apartment), Outcome: out.Outcome}},
	}}, err
}

func read(ctx context.Context, app *application.Application, o Operation) (Answer, error) {
	switch o.Kind {
	case Ledger:
		query := application.LedgerQuery{Block: o.Block, After: &o.After, Limit: o.Limit}
		out, err := app.ReadLedger.Read(ctx, application.ReadLedgerInput{User: o.User, LedgerQuery: query})
		answer := Answer{Last: out.Next == nil, Version: out.Version}
		for _, e := range out.Items {
			answer.Entries = append(answer.Entries, ofEntry(e))
		}
		return answer, err
	case Apartments:
		query := application.ApartmentQuery{Block: o.Block, Limit: o.Limit}
		if o.Floor != nil {
			floor, err := domain.NewFloor(int64(*o.Floor))
			if err != nil {
				return Answer{}, err
			}
			query.Floor = floor
		}
		out, err := app.ListApartments.List(ctx, application.ListApartmentsInput{User: o.User, ApartmentQuery: query})
		return Answer{Last: out.Next == nil, Version: out.Version, Apartments: ofApartments(out.Items)}, err
	case Get:
		a, err := app.GetApartment.Get(ctx, application.GetApartmentInput{User: o.User, Block: o.Block, Apartment: o.Apartment})
		return Answer{Apartments: []Apartment{ofApartment(a)}}, err
	default:
		b, err := app.GetBlock.Get(ctx, application.GetBlockInput{User: o.User, Block: o.Block})
		return Answer{Summary: Summary{
			Version: b.Version, Registered: b.Registered, Retired: b.Retired, Lowest: ofFloor(b.Lowest), Highest: ofFloor(b.Highest),
		}}, err
	}
}

// refusal is what an error tells a client.
func refusal(err error) Answer {
	if errors.Is(err, domain.StoreUnavailable) {
		return Answer{Code: domain.StoreUnavailable, Text: err.Error()}
	}
	if set, ok := errors.AsType[*domain.ChangeSetError](err); ok {
		answer := Answer{Code: domain.ChangeRefused}
		for _, c := range set.Changes {
			answer.Refused = append(answer.Refused, ofRefused(c))
		}
		return answer
	}
	if change, ok := errors.AsType[*domain.ChangeError](err); ok {
		return Answer{Code: change.Code, Refused: []RefusedChange{ofRefused(change)}}
	}
	if stale, ok := errors.AsType[*domain.StaleBlockError](err); ok {
		return Answer{Code: domain.VersionMismatch, Current: stale.Current}
	}
	if undo, ok := errors.AsType[*domain.UndoError](err); ok {
		return Answer{Code: domain.UndoRefused, Changed: ofApartments(undo.Changed)}
	}
	if code, ok := errors.AsType[domain.Code](err); ok {
		return Answer{Code: code, Text: err.Error()}
	}
	return Answer{Code: Unforeseen, Text: err.Error()}
}

func ofRefused(c *domain.ChangeError) RefusedChange {
	return RefusedChange{Index: c.Index, Code: c.Code, Existing: ofApartment(c.Existing)}
}
