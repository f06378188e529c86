package main

import (
	"omarty.net/registry/adapters/httpapi/legacy"
	"omarty.net/registry/adapters/httpapi/rest"
	"omarty.net/registry/adapters/telemetry"
	"omarty.net/registry/application"
)

// newApplication returns the use cases over the ports that are watched. Imports and exports, which no request asks for, go to the store
// itself.
func newApplication(opened store, watched telemetry.Store, clock application.Clock, newID application.NewChangeSetID) *application.Application {
	return application.New(struct {
		telemetry.Store
		application.Importer
		application.Exporter
	}{watched, opened, opened}, application.WithClock(clock), application.WithChangeSetIDs(newID))
}

func importerOf(use *application.Application) *application.ImportRegister { return use.ImportRegister }

func tracedCreateApartment(t *telemetry.Tracing, use *application.Application) legacy.CreateApartment {
	return telemetry.Traced(t, "create_apartment", use.CreateApartment.Create)
}

func tracedUseCases(t *telemetry.Tracing, use *application.Application) rest.UseCases {
	return rest.UseCases{
		ListMemberships:  telemetry.Traced(t, "list_memberships", use.ListMemberships.List),
		ListBlocks:       telemetry.Traced(t, "list_blocks", use.ListBlocks.List),
		GetBlock:         telemetry.Traced(t, "get_block", use.GetBlock.Get),
		ListApartments:   telemetry.Traced(t, "list_apartments", use.ListApartments.List),
		GetApartment:     telemetry.Traced(t, "get_apartment", use.GetApartment.Get),
		CorrectApartment: telemetry.Traced(t, "correct_apartment", use.CorrectApartment.Correct),
		RetireApartment:  telemetry.Traced(t, "retire_apartment", use.RetireApartment.Retire),
		RestoreApartment: telemetry.Traced(t, "restore_apartment", use.RestoreApartment.Restore),
		ApplyChangeSet:   telemetry.Traced(t, "apply_change_set", use.ApplyChangeSet.Apply),
		GetChangeSet:     telemetry.Traced(t, "get_change_set", use.GetChangeSet.Get),
		UndoChangeSet:    telemetry.Traced(t, "undo_change_set", use.UndoChangeSet.Undo),
		ReadLedger:       telemetry.Traced(t, "read_ledger", use.ReadLedger.Read),
	}
}
