package rest

import (
	"context"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// UseCase is a method of a use case of application, or what wraps it.
type UseCase[In, Out any] = func(context.Context, In) (Out, error)

// UseCases are what the API calls.
type UseCases struct {
	ListMemberships  UseCase[application.ListMembershipsInput, []application.MembershipOutput]
	ListBlocks       UseCase[application.ListBlocksInput, application.Page[application.BlockOutput, domain.BlockID]]
	GetBlock         UseCase[application.GetBlockInput, application.BlockOutput]
	ListApartments   UseCase[application.ListApartmentsInput, application.ListApartmentsOutput]
	GetApartment     UseCase[application.GetApartmentInput, domain.Apartment]
	CorrectApartment UseCase[application.CorrectApartmentInput, application.ApartmentOutput]
	RetireApartment  UseCase[application.RetireApartmentInput, application.ApartmentOutput]
	RestoreApartment UseCase[application.RestoreApartmentInput, application.ApartmentOutput]
	ApplyChangeSet   UseCase[application.ApplyChangeSetInput, application.ChangeSetOutput]
	GetChangeSet     UseCase[application.GetChangeSetInput, application.ChangeSetOutput]
	UndoChangeSet    UseCase[application.UndoChangeSetInput, application.ChangeSetOutput]
	ReadLedger       UseCase[application.ReadLedgerInput, application.ReadLedgerOutput]
}

// UseCasesOf returns the use cases of an application as they are.
func UseCasesOf(a *application.Application) UseCases {
	return UseCases{
		ListMemberships:  a.ListMemberships.List,
		ListBlocks:       a.ListBlocks.List,
		GetBlock:         a.GetBlock.Get,
		ListApartments:   a.ListApartments.List,
		GetApartment:     a.GetApartment.Get,
		CorrectApartment: a.CorrectApartment.Correct,
		RetireApartment:  a.RetireApartment.Retire,
		RestoreApartment: a.RestoreApartment.Restore,
		ApplyChangeSet:   a.ApplyChangeSet.Apply,
		GetChangeSet:     a.GetChangeSet.Get,
		UndoChangeSet:    a.UndoChangeSet.Undo,
		ReadLedger:       a.ReadLedger.Read,
	}
}
