// Package application holds the use cases of the register: CreateApartment, which registers one apartment for its block's
// manager, and ImportRegister, which brings in blocks, apartments and memberships that are known already. They decide by
// package domain and reach the outside through the ports of this package alone. It imports the standard library and
// domain, nothing else.
//
// A service that wants the register inside its own process makes a store (package memstore in memory, package sqlstore
// on SQLite or MySQL), hands it to NewCreateApartment and calls Create. Errors are refusals of package domain: ask with
// errors.Is for a code or a kind.
//
// Compatibility: exported names keep their meaning, and codes keep their text, from v1 on. Ports may grow by new
// interfaces, never by new methods of one that exists.
package application
