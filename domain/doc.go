// Package domain is the register of residential blocks and their apartments, as rules alone: what a block, an apartment
// and a membership are, who may register an apartment, and what a refusal is. It imports nothing but the standard
// library, keeps no state and has no clock.
//
// Values are built by constructors that check them, so a value that exists is a valid one; the zero value of each type
// says that there is none. New... makes a value and applies today's rules, Restore... reloads one that a store kept and
// checks its structure alone, Parse... reads text.
//
// Every rule's source is the wire contract, docs/wire-contract.md.
package domain
