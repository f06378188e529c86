// Package storetest is what a store of the register promises, as tests: every clause of the ports of package application
// (Members, Registrar, Importer) has a case here, and a store passes all of them or is none. The stores of this project do,
// and a service that brings its own runs the same suite on it: see the example.
//
// The cases look at a store from both sides: they call its ports, and they compare what it then keeps, row by row, as
// Subject.Rows reads it. They assume nothing of the ids that a store gives to apartments but that each is above 0 and used
// once: stores may number in steps, leave gaps or hand out low ids after high ones.
//
// Besides the named cases there are two of chance: a storm of many callers, checked against every answer that any of them
// got, and random commands against a model of the register, which the flags of pgregory.net/rapid make longer
// (-rapid.checks) or repeat (-rapid.seed).
package storetest
