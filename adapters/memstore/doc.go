// Package memstore keeps a register in memory, with the same promises as the stores on a database except that it ends
// with the process. It serves unit tests of services that use the register, and `database.url: memory:`. WithBlock, WithManager
// and WithMember fill a store in a line or two.
package memstore
