package migrations

var sqliteSteps = []step{
	{"00003_ledger.go", sqliteCopy.run},
	{"00005_apartments.go", rebuildApartments},
}
