// Package storetest is what a store of the register promises, as tests: each port of package application has a suite here
// (Members, Writer, Blocks, Apartments, Ledger, Importer, Exporter), in which each clause of the port has a case. A store with
// all ports passes Run, which has cases about all of them at once too. The stores of this project do, and a service that brings
// its own runs the same suites on it: see the example.
//
// Most cases give the same commands to the store and to a model of the register, and compare each answer and, at the end, all
// that the store keeps, row by row, as Subject.Rows reads it. The cases with many callers at once write down who asked what when,
// and look for one history that explains every answer: the ledger gives the order of a block's writes, and each other answer
// must be right at some moment while its caller waited.
//
// The suites assume nothing of the ids that a store gives to apartments but that each is above 0 and used once: stores may number
// in steps, leave gaps or hand out low ids after high ones. The flags of pgregory.net/rapid make the random cases longer
// (-rapid.checks) or repeat them (-rapid.seed).
package storetest
