package application

import "time"

// Application is every use case of the register over one store.
type Application struct {
	CreateApartment  *CreateApartment
	CorrectApartment *CorrectApartment
	RetireApartment  *RetireApartment
	RestoreApartment *RestoreApartment
	ApplyChangeSet   *ApplyChangeSet
	UndoChangeSet    *UndoChangeSet
	GetChangeSet     *GetChangeSet
	ListMemberships  *ListMemberships
	ListApartments   *ListApartments
	GetApartment     *GetApartment
	ListBlocks       *ListBlocks
	GetBlock         *GetBlock
	ReadLedger       *ReadLedger
	ImportRegister   *ImportRegister
	ExportRegister   *ExportRegister
}

// Option sets something of an Application that is not as it is by default.
type Option func(*settings)

type settings struct {
	now   Clock
	newID NewChangeSetID
}

// WithClock has the time told by another clock than the machine's.
func WithClock(now Clock) Option { return func(s *settings) { s.now = now } }

// WithChangeSetIDs has the ids of change sets drawn by another function than UUIDv7.
func WithChangeSetIDs(newID NewChangeSetID) Option { return func(s *settings) { s.newID = newID } }

// New returns the use cases over a store.
func New(store Store, options ...Option) *Application {
	s := settings{now: time.Now}
	for _, option := range options {
		option(&s)
	}
	if s.newID == nil {
		s.newID = UUIDv7(s.now)
	}
	return &Application{
		CreateApartment:  NewCreateApartment(store, store, s.now, s.newID),
		CorrectApartment: NewCorrectApartment(store, store, s.now, s.newID),
		RetireApartment:  NewRetireApartment(store, store, s.now, s.newID),
		RestoreApartment: NewRestoreApartment(store, store, s.now, s.newID),
		ApplyChangeSet:   NewApplyChangeSet(store, store, s.now, s.newID),
		UndoChangeSet:    NewUndoChangeSet(store, store, store, store, s.now, s.newID),
		GetChangeSet:     NewGetChangeSet(store, store, store),
		ListMemberships:  NewListMemberships(store),
		ListApartments:   NewListApartments(store, store),
		GetApartment:     NewGetApartment(store, store),
		ListBlocks:       NewListBlocks(store, store),
		GetBlock:         NewGetBlock(store, store),
		ReadLedger:       NewReadLedger(store, store),
		ImportRegister:   NewImportRegister(store, s.now, s.newID),
		ExportRegister:   NewExportRegister(store),
	}
}
